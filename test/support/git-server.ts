import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createDeferred, type Deferred } from '../../src/lib/deferred.ts'

const run = promisify(execFile)

/** Content of a file, or where a link leads. */
export type Tree = Readonly<Record<string, string | { readonly link: string } | { readonly program: string }>>

export type GitServer = Awaited<ReturnType<typeof startGitServer>>

/** Who is let in below `/private`. */
export const MEMBER = { username: 'me', password: 's3cret' } as const

/** Serves repositories by git's own http-backend, to whoever can reach the address; by https with a certificate that nobody trusts. */
export async function startGitServer (host = '127.0.0.1', { isSecure = false } = {}) {
  const root = await mkdtemp(path.join(tmpdir(), 'berth-git-server-'))
  const holds = new Map<string, { reached: Deferred<void>, released: Deferred<void> }>()

  async function answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server')
    const hold = request.method === 'POST' ? holds.get(pathname.split('/')[1] ?? '') : undefined
    hold?.reached.resolve()
    await hold?.released.promise
    const isMember = request.headers.authorization === `Basic ${Buffer.from(`${MEMBER.username}:${MEMBER.password}`).toString('base64')}`
    if (pathname.startsWith('/private') && !isMember) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end()
      return
    }
    await backend(request, response, pathname, searchParams.toString(), root)
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    // The client may have gone, on purpose.
    answer(request, response).catch(() => response.destroy())
  }
  const server = isSecure ? createSecureServer(await makeCertificate(root), listener) : createServer(listener)
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    urlOf: (name: string) => `${isSecure ? 'https' : 'http'}://${host}:${port}/${name}`,
    /** Makes a repository with a commit for each tree, the newest on `main`, and returns their hashes. */
    create: async (name: string, ...trees: Tree[]): Promise<string[]> => await createRepository(path.join(root, name), trees),
    git: async (name: string, ...args: string[]): Promise<string> => await git(path.join(root, name), ...args),
    /** Lets whoever clones it wait, from now on. */
    hold: (name: string) => {
      const hold = { reached: createDeferred<void>(), released: createDeferred<void>() }
      holds.set(name, hold)
      return {
        /** Resolves when somebody waits. */
        reached: hold.reached.promise,
        release: () => {
          holds.delete(name)
          hold.released.resolve()
        }
      }
    },
    stop: async () => {
      for (const { released } of holds.values()) released.resolve()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await rm(root, { recursive: true })
    }
  }
}

async function makeCertificate (directory: string): Promise<{ key: Buffer, cert: Buffer }> {
  const [key, cert] = ['.key.pem', '.cert.pem'].map((name) => path.join(directory, name)) as [string, string]
  await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=git', '-keyout', key, '-out', cert])
  return { key: await readFile(key), cert: await readFile(cert) }
}

async function git (directory: string, ...args: string[]): Promise<string> {
  const identity = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.org' }
  const { stdout } = await run('git', ['-C', directory, ...args], { env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', ...identity } })
  return stdout.trimEnd()
}

async function createRepository (directory: string, trees: readonly Tree[]): Promise<string[]> {
  await mkdir(directory)
  await git(directory, 'init', '--quiet', '--initial-branch', 'main')
  const commits: string[] = []
  for (const tree of trees) {
    for (const [name, content] of Object.entries(tree)) await place(path.join(directory, name), content)
    await git(directory, 'add', '--all', '--force')
    await git(directory, 'commit', '--quiet', '--message', `commit ${commits.length}`)
    commits.push(await git(directory, 'rev-parse', 'HEAD'))
  }
  return commits
}

async function place (file: string, content: Tree[string]): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  if (typeof content === 'string') await writeFile(file, content)
  else if ('link' in content) await symlink(content.link, file)
  else {
    await writeFile(file, content.program)
    await chmod(file, 0o755)
  }
}

/** One request by CGI. */
async function backend (request: IncomingMessage, response: ServerResponse, pathname: string, query: string, root: string): Promise<void> {
  const child = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? '')
    }
  })
  response.on('close', () => child.kill())
  child.stdin.on('error', () => undefined)
  request.pipe(child.stdin)
  const output = await readHead(child.stdout)
  response.writeHead(output.status, output.headers)
  response.write(output.rest)
  await pipeline(child.stdout, response)
}

/** The head of a CGI program's output, and what came with it. */
async function readHead (output: Readable): Promise<{ status: number, headers: Record<string, string>, rest: Buffer }> {
  let bytes = Buffer.alloc(0)
  let end = -1
  while (end < 0) {
    const [chunk] = await once(output, 'data') as [Buffer]
    output.pause()
    bytes = Buffer.concat([bytes, chunk])
    end = bytes.indexOf('\r\n\r\n')
  }
  const { Status = '200', ...headers } = Object.fromEntries(bytes.subarray(0, end).toString().split('\r\n').map((line) => line.split(': ') as [string, string]))
  return { status: Number(Status.slice(0, 3)), headers, rest: bytes.subarray(end + 4) }
}
