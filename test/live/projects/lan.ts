import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { waitFor } from '../../support/wait-for.ts'

const execute = promisify(execFile)
const ip = async (...args: string[]): Promise<void> => { await execute('ip', args) }

/** Where a neighbour listens. */
export const LAN_PORT = 4680

export type Lan = Awaited<ReturnType<typeof createLan>>

/**
 * Another machine on this host's network, in a network namespace: it has the given addresses, answers on LAN_PORT with
 * the word `neighbour`, and takes this host for its router.
 */
export async function createLan (addresses: readonly string[]) {
  const id = `bn${process.pid}`
  const [host, neighbour] = ['10.199.77.1', '10.199.77.2']
  let server: ChildProcess | undefined

  async function inside (args: readonly string[]): Promise<string> {
    const { stdout } = await execute('ip', ['netns', 'exec', id, ...args])
    return stdout
  }

  async function remove (): Promise<void> {
    if (server !== undefined && server.exitCode === null) {
      server.kill('SIGKILL')
      await once(server, 'exit')
    }
    // Takes its interfaces, and with them the routes, along.
    await ip('netns', 'del', id)
  }

  await ip('netns', 'add', id)
  try {
    await ip('link', 'add', `${id}h`, 'type', 'veth', 'peer', 'name', `${id}n`, 'netns', id)
    await ip('addr', 'add', `${host}/30`, 'dev', `${id}h`)
    await ip('link', 'set', `${id}h`, 'up')
    await ip('-n', id, 'link', 'set', 'lo', 'up')
    await ip('-n', id, 'addr', 'add', `${neighbour}/30`, 'dev', `${id}n`)
    await ip('-n', id, 'link', 'set', `${id}n`, 'up')
    await ip('-n', id, 'route', 'add', 'default', 'via', host)
    for (const address of addresses) {
      await ip('-n', id, 'addr', 'add', `${address}/32`, 'dev', 'lo')
      await ip('route', 'replace', `${address}/32`, 'via', neighbour, 'dev', `${id}h`)
    }
    const script = `import socket\ns = socket.create_server(("0.0.0.0", ${LAN_PORT}))\nwhile True:\n  c, _ = s.accept()\n  c.sendall(b"neighbour")\n  c.close()`
    server = spawn('ip', ['netns', 'exec', id, 'python3', '-c', script], { stdio: 'ignore' })
    await waitFor('the neighbour to listen', async () => (await inside(['cat', '/proc/net/tcp'])).includes(`:${LAN_PORT.toString(16).toUpperCase().padStart(4, '0')} `))
  } catch (error) {
    await remove()
    throw error
  }
  return {
    /** What the neighbour is answered to a request, or an empty text. */
    ask: async (address: string, port: number): Promise<string> => await inside(['python3', '-c', [
      'import socket, sys', 'try:', `  s = socket.create_connection(("${address}", ${port}), 2)`,
      '  s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")', '  print(s.recv(4096))', 'except OSError: pass'
    ].join('\n')]),
    remove
  }
}
