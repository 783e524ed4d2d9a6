import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { makeDataDir, removeDataDir } from './data-dir.ts'
import { waitFor } from './wait-for.ts'
import type { Variables } from './variables.ts'

const root = path.join(import.meta.dirname, '../..')

export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export type ServerProcess = Awaited<ReturnType<typeof startServerProcess>>

/** Berth as it is run: the built server in a process of its own. A DATA_DIR that is given goes with it as well. */
export async function startServerProcess (env: Variables = {}) {
  const dataDir = env.DATA_DIR ?? await makeDataDir()
  const key = 'brt_only_for_this_process_of_a_test'
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, ['dist/server.js', '--welcome'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, DOCKER_HOST: process.env.DOCKER_HOST ?? '', PORT: String(port), DATA_DIR: dataDir, API_KEY: key, PROJECT_TOOLS: 'off', LOG_LEVEL: 'warn', ...env }
  })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>
  try {
    await waitFor('the server to say that it is ready', () => {
      if (child.exitCode !== null) throw new Error(`the server ended: ${printed}`)
      return printed.includes('Try it:')
    }, 60_000)
  } catch (error) {
    child.kill('SIGINT')
    await exited
    if (dataDir !== env.DATA_DIR) await removeDataDir(dataDir)
    throw error
  }
  return {
    origin,
    key,
    dataDir,
    pid: child.pid ?? 0,
    printed: () => printed,
    exited,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGINT')
        await exited
      }
      await removeDataDir(dataDir)
    }
  }
}
