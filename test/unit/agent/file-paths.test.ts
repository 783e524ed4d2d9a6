import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile as place } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { AgentOperationError } from '../../../src/sandbox/agent-client/errors.ts'
import { listFiles, makeDirectory, makeLink, statFile } from '../../../src/sandbox/agent-client/files.ts'
import { readFile } from '../../../src/sandbox/agent-client/read-file.ts'
import { writeFile } from '../../../src/sandbox/agent-client/write-file.ts'
import { ErrorCode } from '../../../src/sandbox/agent-protocol.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { onOldKernel } from '../../support/old-kernel.ts'

const refused = (code: number) => ({ name: 'AgentOperationError', code })

async function readText (connection: AgentConnection, path: string): Promise<string> {
  const { bytes } = await readFile(connection, path)
  return (await buffer(bytes)).toString()
}

/** Every operation on one path, as the codes with which they were refused. */
async function refusals (connection: AgentConnection, path: string): Promise<Array<number | undefined>> {
  const results = await Promise.allSettled([
    readText(connection, path),
    writeFile(connection, path, Buffer.from('x')),
    statFile(connection, path, { follow: true }),
    listFiles(connection, { path }),
    makeDirectory(connection, `${path}/new/directory`),
    makeLink(connection, `${path}/new-link`, 'x')
  ])
  return results.map((result) => result.status === 'rejected' ? (result.reason as AgentOperationError).code : undefined)
}

const ALL_BAD = Array.from({ length: 6 }, () => ErrorCode.BAD_PATH)

describeAgent('paths', ({ connect, root }) => {
  const at = (path: string) => join(root(), path)
  let outside = ''

  beforeEach(async () => {
    outside = await mkdtemp(join(tmpdir(), 'berth-outside-'))
    await place(join(outside, 'secret'), 'secret')
  })

  afterEach(async () => {
    expect(await readdir(outside)).toEqual(['secret'])
    await rm(outside, { recursive: true })
  })

  test.each(['/etc', '../outside', 'a/../../outside', '..', '.', 'a//b', 'a/', './a', 'a/.', '/', 'n'.repeat(256)])('refuses %o', async (path) => {
    await mkdir(at('a'))
    const { connection } = await connect()
    expect(await refusals(connection, path)).toEqual(ALL_BAD)
    await expect(statFile(connection, path)).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    expect(await readdir(root())).toEqual(['a'])
  })

  test('follows links that stay inside, one after the other, also upwards', async () => {
    await mkdir(at('a/b/c'), { recursive: true })
    await place(at('a/file'), 'content')
    await symlink('c/../..', at('a/b/up'))
    await symlink('b', at('a/down'))
    await symlink('a/down/up', at('chain'))
    const { connection } = await connect()
    expect(await readText(connection, 'chain/file')).toBe('content')
    expect(await readText(connection, 'chain/down/up/down/up/file')).toBe('content')
    expect((await writeFile(connection, 'chain/down/c/new/file', Buffer.from('x'))).created).toBe(true)
    expect((await stat(at('a/b/c/new/file'))).size).toBe(1)
    expect((await makeDirectory(connection, 'chain/made')).entry.path.toString()).toBe('chain/made')
    expect((await stat(at('a/made'))).isDirectory()).toBe(true)
  })

  test.each([
    ['an absolute link', () => outside],
    ['an absolute link back inside', () => at('a')],
    ['a link upwards and out', () => `../${outside.split('/').at(-1)}`],
    ['a link to the directory above the root', () => '..'],
    ['a link out and in again', () => `../${root().split('/').at(-1)}/a`],
    ['a magic link', () => '/proc/self/root'],
    ['a link to itself', () => 'link']
  ])('refuses %s, and a link to that', async (_what, target) => {
    await mkdir(at('a'))
    await symlink(target(), at('link'))
    await symlink('link', at('second'))
    const { connection } = await connect()
    expect(await refusals(connection, 'link')).toEqual(ALL_BAD)
    expect(await refusals(connection, 'second')).toEqual(ALL_BAD)
    await expect(readText(connection, 'link/secret')).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    await expect(writeFile(connection, 'link/secret', Buffer.from('x'))).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    expect((await statFile(connection, 'link')).type).toBe('symlink')
    expect((await readdir(root())).sort()).toEqual(['a', 'link', 'second'])
  })

  test('follows 40 links and no more', async () => {
    await place(at('link-0'), 'content')
    for (let i = 1; i <= 41; i++) await symlink(`link-${i - 1}`, at(`link-${i}`))
    const { connection } = await connect()
    expect(await readText(connection, 'link-40')).toBe('content')
    expect((await writeFile(connection, 'link-40', Buffer.from('after'))).created).toBe(false)
    await expect(readText(connection, 'link-41')).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    await expect(writeFile(connection, 'link-41', Buffer.from('x'))).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    expect((await stat(at('link-0'))).size).toBe(5)
  })

  test('writes through no link whose target cannot be a file\'s name', async () => {
    await mkdir(at('a/b'), { recursive: true })
    const targets = ['a/', 'a/.', 'a/b/..', `a/${'n'.repeat(256)}`, `${'a/../'.repeat(800)}file`]
    const { connection } = await connect()
    for (const [i, target] of targets.entries()) {
      await symlink(target, at(`a/link-${i}`))
      await expect(writeFile(connection, `a/link-${i}`, Buffer.from('x'))).rejects.toMatchObject({ name: 'AgentOperationError' })
    }
    expect((await readdir(at('a'))).sort()).toEqual(['b', ...targets.map((_, i) => `link-${i}`)])
  })

  // Exchanges a directory with links that lead out of the root, and back, as fast as it can.
  const SWAPPER = `
import ctypes, os, sys
exchange = lambda a, b: ctypes.CDLL(None).renameat2(-100, a, -100, b, 2)
root, outside = sys.argv[1], sys.argv[2]
os.chdir(root)
os.symlink(outside, "out-1"); os.symlink("/proc/self/root/" + outside, "out-2"); os.symlink("../" + os.path.basename(outside), "out-3")
os.mkdir("real"); open("real/secret", "w").write("inside")
print("ready", flush=True)
while True:
    for out in (b"out-1", b"out-2", b"out-3"):
        assert exchange(b"real", out) == 0 and exchange(b"real", out) == 0
`

  test.each([['', []], [' on an old kernel', onOldKernel]])('never leaves the root while a directory is swapped for a link%s', async (_where, wrapper) => {
    const swapper = spawn('python3', ['-c', SWAPPER, root(), outside], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(swapper, 'close')
    await once(swapper.stdout, 'data')
    const { connection } = await connect({ wrapper })
    const secretInode = (await stat(join(outside, 'secret'), { bigint: true })).ino
    const outcomes = { read: 0, written: 0, refused: 0 }
    const allowed: number[] = [ErrorCode.BAD_PATH, ErrorCode.NOT_FOUND]
    const attempt = async (work: () => Promise<'read' | 'written'>) => {
      try {
        outcomes[await work()]++
      } catch (error) {
        if (!(error instanceof AgentOperationError) || !allowed.includes(error.code)) throw error
        outcomes.refused++
      }
    }
    const batch = (round: number) => [
      attempt(async () => {
        expect(await readText(connection, 'real/secret')).toBe('inside')
        return 'read'
      }),
      attempt(async () => {
        await writeFile(connection, `real/new-${round % 10}`, Buffer.from('x'), { sync: false })
        return 'written'
      }),
      attempt(async () => {
        const { entries } = await listFiles(connection, { path: 'real' })
        for (const { inode } of entries) expect(inode).not.toBe(secretInode)
        return 'read'
      }),
      attempt(async () => {
        await makeDirectory(connection, `real/a/b-${round % 10}`)
        return 'written'
      })
    ]
    for (let round = 0; round < 1500; round += 5) await Promise.all([0, 1, 2, 3, 4].flatMap((i) => batch(round + i)))
    swapper.kill('SIGKILL')
    await ended
    expect(outcomes.read).toBeGreaterThan(0)
    expect(outcomes.written).toBeGreaterThan(0)
    expect(outcomes.refused).toBeGreaterThan(0)
  })
})
