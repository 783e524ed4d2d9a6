import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, chown, mkdir, readFile, readlink, realpath, rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedDatabase, type EmbeddedDatabase } from '../../../src/db/embedded/index.ts'
import { openClient } from '../../../src/db/client.ts'
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts'
import { waitFor } from '../../support/wait-for.ts'

const program = path.join(import.meta.dirname, '../../support/embedded-process.ts')
const ORDINARY_USER = 65_534

let dataDir: string
let children: ChildProcess[]
let warnings: string[]
beforeEach(async () => {
  dataDir = await makeDataDir()
  children = []
  warnings = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await removeDataDir(dataDir)
})

const start = async (directory = dataDir): Promise<EmbeddedDatabase> =>
  await startEmbeddedDatabase(directory, { debug: () => undefined, warn: (message) => warnings.push(message) })

async function ask ({ address }: EmbeddedDatabase, query: string): Promise<unknown> {
  const client = openClient(address)
  try {
    const [row] = await client.query<Record<string, unknown>>(query)
    return row === undefined ? undefined : Object.values(row)[0]
  } finally {
    await client.end()
  }
}

/** The same in a process of its own. */
async function startProcess (uid?: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, dataDir], { stdio: ['ignore', 'pipe', 'pipe'], ...(uid === undefined ? {} : { uid, gid: uid, env: { PATH: process.env.PATH, HOME: '/nonexistent' } }) })
  children.push(child)
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => { complaints += chunk.toString() })
  const ready = once(child.stdout, 'data')
  const failed = once(child, 'exit').then(() => { throw new Error(complaints) })
  await Promise.race([ready, failed])
  return child
}

async function postmaster (): Promise<number> {
  return Number.parseInt(await readFile(path.join(dataDir, 'postgres/data/postmaster.pid'), 'utf8'), 10)
}

const isThere = async (file: string): Promise<boolean> => await access(file).then(() => true, () => false)
/** A process that has ended keeps its number until it is waited for, but not its directory. */
const isAlive = async (pid: number): Promise<boolean> => await readlink(`/proc/${pid}/cwd`).then(() => true, () => false)

describe('the embedded database', () => {
  it('started by root runs as a system user, in a directory and on a socket of its own, and keeps what it was given', async () => {
    const database = await start()
    await ask(database, 'create table kept as select 42 as answer')
    const home = await realpath(path.join(dataDir, 'postgres'))
    const owner = (await stat(home)).uid
    expect(owner).not.toBe(0)
    expect((await stat(`/proc/${await postmaster()}`)).uid).toBe(owner)
    expect((await stat(home)).mode & 0o777).toBe(0o700)
    expect((await stat(path.join(home, 'data'))).mode & 0o777).toBe(0o700)
    expect((await stat(path.join(home, 'password'))).mode & 0o777).toBe(0o600)
    expect(await ask(database, 'show listen_addresses')).toBe('')
    await database.stop()
    const again = await start()
    expect(await ask(again, 'select answer from kept')).toBe(42)
    await again.stop()
    expect(warnings).toEqual([])
  })

  it('does not let anybody in without the password', async () => {
    const database = await start()
    const intruder = { ...database, address: { ...database.address, password: 'guess' } }
    await expect(ask(intruder, 'select 1')).rejects.toMatchObject({ code: '28P01' })
    await database.stop()
  })

  it('refuses a second one on the same directory', async () => {
    const database = await start()
    await expect(start()).rejects.toThrow(/in use by another Berth/)
    await database.stop()
  })

  it('lies below a directory that only root can enter, and below a name that is too long for a socket', async () => {
    await chmod(dataDir, 0o700)
    const deep = path.join(dataDir, 'n'.repeat(120))
    await mkdir(deep, { mode: 0o700 })
    const database = await start(deep)
    expect(await ask(database, 'select 1')).toBe(1)
    await database.stop()
    await removeDataDir(deep)
  })

  it('runs as whoever starts it, if that is not root', async () => {
    await chown(dataDir, ORDINARY_USER, ORDINARY_USER)
    await chmod(dataDir, 0o700)
    const child = await startProcess(ORDINARY_USER)
    expect((await stat(`/proc/${await postmaster()}`)).uid).toBe(ORDINARY_USER)
    expect((await stat(path.join(dataDir, 'postgres'))).isDirectory()).toBe(true)
    child.kill('SIGKILL')
  })

  it('ends when its Berth is killed, and the next start has everything that was committed', async () => {
    const child = await startProcess()
    const pid = await postmaster()
    const killed = once(child, 'exit')
    child.kill('SIGKILL')
    await killed
    // At once, while the old one may still be shutting down.
    const database = await start()
    expect(await isAlive(pid)).toBe(false)
    expect(await ask(database, 'select 1')).toBe(1)
    await database.stop()
  })

  it('recovers from a crash of its own, with the pid file of a process that is somebody else\'s by now', async () => {
    const database = await start()
    await ask(database, 'create table kept as select 42 as answer')
    await database.stop()
    const pidFile = path.join(dataDir, 'postgres/data/postmaster.pid')
    await writeFile(pidFile, `${process.pid}\n/elsewhere\n0\n5432\n\n\n`)
    const again = await start()
    expect(await ask(again, 'select answer from kept')).toBe(42)
    await again.stop()
  })

  it('starts again by itself when the server is killed while it serves', async () => {
    const database = await start()
    await ask(database, 'create table kept as select 42 as answer')
    const pid = await postmaster()
    process.kill(pid, 'SIGKILL')
    expect(await waitFor('an answer', async () => await ask(database, 'select answer from kept').then((answer) => answer, () => undefined))).toBe(42)
    expect(await postmaster()).not.toBe(pid)
    await database.stop()
    expect(await isThere(path.join(dataDir, 'postgres/data/postmaster.pid'))).toBe(false)
  })

  it('begins anew where it was killed while it was made', async () => {
    const first = await start()
    await first.stop()
    const home = await realpath(path.join(dataDir, 'postgres'))
    await rename(path.join(home, 'data'), path.join(home, 'data.unfinished'))
    const database = await start()
    expect(await ask(database, 'select 1')).toBe(1)
    await database.stop()
  })
})
