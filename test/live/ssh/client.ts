import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import ssh2, { type Client, type ClientChannel } from 'ssh2'
import { makeSshKeyPair } from '../../support/ssh-key.ts'
import type { Berth } from '../support/berth.ts'

export interface Outcome {
  readonly code: number | null
  readonly output: Buffer
  readonly text: string
  readonly error: string
}

interface Caller {
  readonly call: (method: string, path: string, body?: unknown) => Promise<{ readonly status: number, readonly body: unknown }>
}

export interface SystemReport {
  readonly ssh: { readonly host: string, readonly port: number, readonly hostKey: { readonly type: string, readonly fingerprint: string } } | null
}

export async function sshOf (berth: Pick<Berth, 'get'>): Promise<NonNullable<SystemReport['ssh']>> {
  const { ssh } = await (await berth.get('/api/system')).json() as SystemReport
  if (ssh === null) throw new Error('there is no SSH')
  return ssh
}

export type SshUser = Awaited<ReturnType<typeof createSshUser>>

/** A key in a directory of its own, and OpenSSH's programs with it; the server knows it if somebody is said to have it. */
export async function createSshUser (port: number, owner?: Caller) {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-ssh-'))
  const pair = makeSshKeyPair()
  const keyFile = path.join(directory, 'key')
  await writeFile(keyFile, pair.private, { mode: 0o600 })
  let keyId = ''
  if (owner !== undefined) {
    const { status, body } = await owner.call('POST', '/auth/ssh-keys', { key: pair.public })
    if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`)
    keyId = (body as { id: string }).id
  }
  const options = (strict: string): string[] => ['-F', 'none', '-o', `UserKnownHostsFile=${path.join(directory, 'known')}`, '-o', `StrictHostKeyChecking=${strict}`, '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none', '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR', '-i', keyFile]

  async function run (program: string, args: readonly string[], input: Buffer | string = ''): Promise<Outcome> {
    const child = spawn(program, args, { cwd: directory })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    const [output, error, [code]] = await Promise.all([buffer(child.stdout), buffer(child.stderr), once(child, 'close') as Promise<[number | null]>])
    return { code, output, text: output.toString(), error: error.toString() }
  }

  return {
    directory,
    file: (name: string): string => path.join(directory, name),
    keyId,
    pair,
    /** With its options in front, the project and what it is to do there. */
    ssh: async (args: readonly string[], input?: Buffer | string, { to = port, strict = 'accept-new' } = {}): Promise<Outcome> =>
      await run('ssh', [...options(strict), '-p', String(to), ...args], input),
    sftp: async (project: string, commands: readonly string[]): Promise<Outcome> =>
      await run('sftp', [...options('accept-new'), '-q', '-P', String(port), '-b', '-', `${project}@127.0.0.1`], `${commands.join('\n')}\n`),
    scp: async (...args: readonly string[]): Promise<Outcome> => await run('scp', [...options('accept-new'), '-q', '-P', String(port), ...args]),
    /** By the library, whose client tells more. */
    connect: async (project: string): Promise<Client> => await connectClient({ port, username: project, privateKey: pair.private }),
    remove: async (): Promise<void> => await rm(directory, { recursive: true, force: true })
  }
}

async function connectClient (options: { port: number, username: string, privateKey: string }): Promise<Client> {
  const client = new ssh2.Client()
  return await new Promise((resolve, reject) => {
    client.once('ready', () => {
      client.off('error', reject).on('error', () => undefined)
      resolve(client)
    }).once('error', reject).connect({ host: '127.0.0.1', ...options })
  })
}

export async function execute (client: Client, command: string, options: ssh2.ExecOptions = {}): Promise<ClientChannel> {
  return await new Promise((resolve, reject) => client.exec(command, options, (error, channel) => error === undefined ? resolve(channel) : reject(error)))
}

/** What it has printed, and how it has ended. */
export async function finish (channel: ClientChannel): Promise<{ readonly text: string, readonly error: string, readonly code: number | null, readonly signal: string | undefined }> {
  const exit = new Promise<[number | null, string | undefined]>((resolve) => {
    channel.once('exit', (code: number | null, signal?: string) => resolve([code, signal]))
    channel.once('close', () => resolve([null, undefined]))
  })
  const [text, error, [code, signal]] = await Promise.all([buffer(channel), buffer(channel.stderr), exit])
  return { text: text.toString(), error: error.toString(), code, signal }
}
