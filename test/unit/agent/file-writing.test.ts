import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readdir, readFile, readlink, stat, symlink, writeFile as place } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { listFiles, statFile, syncFiles } from '../../../src/sandbox/agent-client/files.ts'
import { removePath } from '../../../src/sandbox/agent-client/trees.ts'
import { writeFile } from '../../../src/sandbox/agent-client/write-file.ts'
import { encodeWrite, ErrorCode, FrameType, INITIAL_CREDIT, MAX_PAYLOAD } from '../../../src/sandbox/agent-protocol.ts'
import { onChannel, type AgentProcess } from '../../support/agent-process.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { failureCode, opened, refused } from '../../support/agent-writes.ts'
import { onOldKernel } from '../../support/old-kernel.ts'
import { waitFor } from '../../support/wait-for.ts'

const UNPRIVILEGED = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups']

const lastFrame = async (agent: AgentProcess, channel: number) =>
  await agent.waitFor((frame) => frame.channel === channel && (frame.type === FrameType.RESULT || frame.type === FrameType.ERROR), 'the last frame')

/** Resolves when the agent has handled everything sent so far. */
async function caughtUp (agent: AgentProcess): Promise<void> {
  const text = randomBytes(8)
  agent.send(FrameType.PING, 0, text)
  await agent.waitFor(({ type, payload }) => type === FrameType.PONG && payload.equals(text), 'PONG')
}

describeAgent('writing', ({ start, connect, root }) => {
  const at = (path: string) => join(root(), path)

  test('makes a file with its parents', async () => {
    const { connection } = await connect()
    const { entry, created } = await writeFile(connection, 'a/b/file', Buffer.from('content'))
    const file = await stat(at('a/b/file'), { bigint: true })
    expect(created).toBe(true)
    expect(entry).toEqual({ path: Buffer.from('a/b/file'), type: 'file', mode: 0o644, size: 7, mtimeNs: file.mtimeNs, inode: file.ino })
    expect(await readFile(at('a/b/file'), 'utf8')).toBe('content')
    expect((await stat(at('a'))).mode & 0o7777).toBe(0o755)
    expect(await readdir(at('a/b'))).toEqual(['file'])
  })

  test('replaces a file under the mode it had, or another, and with the time that is asked for', async () => {
    await place(at('script'), 'before')
    await chmod(at('script'), 0o750)
    const { connection } = await connect()
    const before = await statFile(connection, 'script')
    const { entry, created } = await writeFile(connection, 'script', Buffer.from('after!'))
    expect(created).toBe(false)
    expect(entry.mode).toBe(0o750)
    expect(entry.inode).not.toBe(before.inode)
    const again = await writeFile(connection, 'script', Buffer.from('again'), { mode: 0o600, mtimeNs: 1_234_567_890_123_456_789n })
    expect(again.entry).toMatchObject({ mode: 0o600, mtimeNs: 1_234_567_890_123_456_789n, size: 5 })
    expect(await statFile(connection, 'script')).toEqual(again.entry)
  })

  test('takes a file larger than the credit from a stream', async () => {
    const parts = Array.from({ length: 40 }, (_, i) => randomBytes(10_000 * i))
    const { connection } = await connect()
    async function * source () { yield * parts }
    await writeFile(connection, 'large', source(), { sync: false })
    expect((await readFile(at('large'))).equals(Buffer.concat(parts))).toBe(true)
    await syncFiles(connection)
  })

  test('takes nothing from a stream before the write is accepted', async () => {
    await mkdir(at('directory'))
    const { connection } = await connect()
    let isPulled = false

    async function * source (): AsyncGenerator<Buffer> { isPulled = true }
    await expect(writeFile(connection, 'directory', source())).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    expect(isPulled).toBe(false)
  })

  test('takes no more from a stream than the agent writes', async () => {
    const agent = await connect()
    let pulled = 0
    async function * source () {
      for (; pulled < 100; pulled++) {
        if (pulled === 1) agent.kill('SIGSTOP')
        yield Buffer.alloc(MAX_PAYLOAD)
      }
    }
    const writing = writeFile(agent.connection, 'large', source(), { sync: false })
    await waitFor('the credit to be used up', () => pulled * MAX_PAYLOAD >= INITIAL_CREDIT)
    for (let turn = 0; turn < 100; turn++) await setImmediate()
    expect(pulled * MAX_PAYLOAD).toBeLessThanOrEqual(INITIAL_CREDIT + 3 * MAX_PAYLOAD)
    agent.kill('SIGCONT')
    expect((await writing).entry.size).toBe(100 * MAX_PAYLOAD)
  })

  test('shows nothing of a file before it is complete', async () => {
    await place(at('file'), 'before')
    const agent = await start()
    await opened(agent, 1, { path: 'file' })
    agent.send(FrameType.DATA, 1, Buffer.from('after'))
    await caughtUp(agent)
    expect(await readFile(at('file'), 'utf8')).toBe('before')
    const { connection } = await connect()
    expect((await listFiles(connection)).entries.map(({ path }) => path.toString())).toEqual(['file'])
    agent.send(FrameType.END, 1)
    await agent.waitFor(onChannel(1, FrameType.RESULT), 'RESULT')
    expect(await readFile(at('file'), 'utf8')).toBe('after')
    expect(await readdir(root())).toEqual(['file'])
  })

  test.each(['CANCEL', 'end of input', 'too many bytes'])('leaves the old content and nothing else on %s', async (how) => {
    await place(at('file'), 'before')
    const agent = await start()
    await opened(agent, 1, { path: 'file', maxBytes: 4 })
    agent.send(FrameType.DATA, 1, Buffer.from('half'))
    if (how === 'CANCEL') {
      agent.send(FrameType.CANCEL, 1)
      expect(await failureCode(agent, 1)).toBe(ErrorCode.CANCELLED)
    } else if (how === 'too many bytes') {
      agent.send(FrameType.DATA, 1, Buffer.from('!'))
      expect(await failureCode(agent, 1)).toBe(ErrorCode.TOO_LARGE)
    } else {
      agent.endInput()
      expect(await agent.exited).toBe(0)
    }
    expect(await readdir(root())).toEqual(['file'])
    expect(await readFile(at('file'), 'utf8')).toBe('before')
  })

  test('is done or not done when it is cancelled at the last moment', async () => {
    const agent = await start()
    for (let channel = 1; channel <= 50; channel++) {
      agent.send(FrameType.OPEN, channel, encodeWrite({ path: `file-${channel}` }))
      agent.send(FrameType.DATA, channel, Buffer.from('x'))
      agent.send(FrameType.END, channel)
      if (channel % 2 === 0) await caughtUp(agent)
      agent.send(FrameType.CANCEL, channel)
    }
    const done = await Promise.all(Array.from({ length: 50 }, async (_, i) => {
      const { type } = await lastFrame(agent, i + 1)
      return type === FrameType.RESULT ? [`file-${i + 1}`] : []
    }))
    expect((await readdir(root())).sort()).toEqual(done.flat().sort())
  })

  test('leaves the old content when the source fails, or a signal aborts', async () => {
    await place(at('file'), 'before')
    const { connection } = await connect()
    async function * broken () {
      yield Buffer.alloc(200_000)
      throw new Error('no more')
    }
    await expect(writeFile(connection, 'file', broken())).rejects.toThrow('no more')
    const controller = new AbortController()
    async function * aborting () {
      yield Buffer.from('half')
      controller.abort(new Error('enough'))
      yield Buffer.from('the rest')
    }
    await expect(writeFile(connection, 'file', aborting(), {}, controller.signal)).rejects.toThrow('enough')
    await statFile(connection, 'file')
    expect(await readdir(root())).toEqual(['file'])
    expect(await readFile(at('file'), 'utf8')).toBe('before')
  })

  test('has the old content when the agent is killed, and the leftover goes with the next write', async () => {
    await place(at('file'), 'before')
    const killed = await connect()
    async function * source () {
      for (let i = 0; i < 10; i++) yield Buffer.alloc(MAX_PAYLOAD, 'x')
      killed.kill('SIGKILL')
      await killed.exited
      yield Buffer.alloc(MAX_PAYLOAD)
    }
    await expect(writeFile(killed.connection, 'file', source())).rejects.toMatchObject({ name: 'AgentLostError' })
    expect(await readFile(at('file'), 'utf8')).toBe('before')
    expect(await readdir(root())).toEqual(['.berth-write-0', 'file'])
    const { connection } = await connect()
    expect((await listFiles(connection)).entries.map(({ path }) => path.toString())).toEqual(['file'])
    await writeFile(connection, 'other', Buffer.from(''))
    expect(await readdir(root())).toEqual(['file', 'other'])
  })

  test('leaves alone what another agent is writing', async () => {
    const other = await start()
    await opened(other, 1, { path: 'file' })
    other.send(FrameType.DATA, 1, Buffer.from('theirs'))
    await caughtUp(other)
    const { connection } = await connect()
    await writeFile(connection, 'file', Buffer.from('ours'))
    other.send(FrameType.END, 1)
    await other.waitFor(onChannel(1, FrameType.RESULT), 'RESULT')
    expect(await readFile(at('file'), 'utf8')).toBe('theirs')
    expect(await readdir(root())).toEqual(['file'])
  })

  test('finds another name when a program has taken those of the agent', async () => {
    execFileSync('mkfifo', [at('.berth-write-0')])
    await mkdir(at('.berth-write-1'))
    await symlink('/etc/passwd', at('.berth-write-2'))
    const { connection } = await connect()
    await writeFile(connection, 'file', Buffer.from('content'))
    expect(await readFile(at('file'), 'utf8')).toBe('content')
    expect(await readdir(root())).toEqual(['.berth-write-0', '.berth-write-1', '.berth-write-2', 'file'])
  })

  test('fails when a program has taken all of them', async () => {
    for (let slot = 0; slot < 128; slot++) await mkdir(at(`.berth-write-${slot}`))
    const { connection } = await connect()
    await expect(writeFile(connection, 'file', Buffer.from('content'))).rejects.toMatchObject(refused(ErrorCode.IO))
    expect(await readdir(root())).toHaveLength(128)
  })

  test('writes through a link, which stays', async () => {
    await mkdir(at('a/b'), { recursive: true })
    await place(at('a/file'), 'before')
    await symlink('b/../c', at('a/link'))
    await symlink('file', at('a/c'))
    await symlink('a/b/new', at('dangling'))
    const { connection } = await connect()
    expect((await writeFile(connection, 'a/link', Buffer.from('after'))).created).toBe(false)
    expect((await writeFile(connection, 'dangling', Buffer.from('new'))).created).toBe(true)
    expect(await readFile(at('a/file'), 'utf8')).toBe('after')
    expect(await readFile(at('a/b/new'), 'utf8')).toBe('new')
    expect([await readlink(at('a/link')), await readlink(at('a/c'))]).toEqual(['b/../c', 'file'])
    expect((await readdir(at('a'))).sort()).toEqual(['b', 'c', 'file', 'link'])
  })

  test('says that a file or a directory may not be changed', async () => {
    await mkdir(at('closed'))
    await place(at('file'), 'before', { mode: 0o444 })
    for (const path of ['', 'closed', 'file']) await chown(at(path), 1000, 1000)
    await chmod(at('closed'), 0o555)
    const { connection } = await connect({ wrapper: UNPRIVILEGED })
    for (const path of ['file', 'closed/new', 'closed/new/file']) {
      await expect(writeFile(connection, path, Buffer.from('x'))).rejects.toMatchObject(refused(ErrorCode.DENIED))
    }
    expect(await readFile(at('file'), 'utf8')).toBe('before')
    expect((await readdir(root())).sort()).toEqual(['closed', 'file'])
  })

  test('flushes a directory that it may write to but not read', async () => {
    await mkdir(at('blind'))
    for (const path of ['', 'blind']) await chown(at(path), 1000, 1000)
    await chmod(at('blind'), 0o300)
    const { connection } = await connect({ wrapper: UNPRIVILEGED })
    expect((await writeFile(connection, 'blind/file', Buffer.from('x'))).created).toBe(true)
  })

  test('replaces no directory and no special file', async () => {
    execFileSync('mkfifo', [at('fifo')])
    await mkdir(at('directory'))
    const { connection } = await connect()
    await expect(writeFile(connection, 'fifo', Buffer.from(''))).rejects.toMatchObject(refused(ErrorCode.SPECIAL))
    await expect(writeFile(connection, 'directory', Buffer.from(''))).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    await expect(writeFile(connection, 'fifo/file', Buffer.from(''))).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    expect((await readdir(root())).sort()).toEqual(['directory', 'fifo'])
  })

  // Zeros take no space, so that only the end shows how long the file is.
  test.each(['\0', 'a'])('beyond the largest file that there may be is refused, and ends nothing else: %o', async (byte) => {
    const { connection } = await connect({ wrapper: ['prlimit', '--fsize=100000'] })
    await expect(writeFile(connection, 'large', Buffer.alloc(100_001, byte))).rejects.toMatchObject(refused(ErrorCode.NO_SPACE))
    await writeFile(connection, 'small', Buffer.alloc(100_000))
    expect((await listFiles(connection)).entries.map(({ path, size }) => [path.toString(), size])).toEqual([['small', 100_000]])
  })

  test('leaves nothing on a full volume but what was there', async () => {
    const mounted = 'mount -t tmpfs -o size=1m none "$0" && printf before > "$0/file" && exec "$@"'
    const { connection } = await connect({ wrapper: ['unshare', '-m', 'sh', '-c', mounted, root()] })
    await expect(writeFile(connection, 'file', Buffer.alloc(2_000_000, 1))).rejects.toMatchObject(refused(ErrorCode.NO_SPACE))
    await writeFile(connection, 'fits', Buffer.alloc(900_000, 1))
    const { entries } = await listFiles(connection)
    expect(entries.map(({ path, size }) => [path.toString(), size])).toEqual([['file', 6], ['fits', 900_000]])
  })

  // The leak check of the sanitizers needs a thread as well.
  test('waits for the disk itself when there may be no thread', async () => {
    await chown(root(), 1000, 1000)
    const { connection } = await connect({ wrapper: [...UNPRIVILEGED, 'prlimit', '--nproc=1', 'env', 'ASAN_OPTIONS=detect_leaks=0'] })
    expect((await writeFile(connection, 'file', Buffer.from('x'))).created).toBe(true)
    await syncFiles(connection)
  })

  test('writes many files at once', async () => {
    const { connection } = await connect()
    const names = Array.from({ length: 64 }, (_, i) => `file-${i}`)
    await Promise.all(names.map(async (name) => await writeFile(connection, `d/${name}`, Buffer.from(name))))
    expect((await readdir(at('d'))).sort()).toEqual(names.sort())
    for (const name of names) expect(await readFile(at(`d/${name}`), 'utf8')).toBe(name)
  })

  test.each(['replaced', 'removed', 'not finished'])('lets go of a large file that is %s', async (how) => {
    const agent = await connect()
    execFileSync('fallocate', ['-l', '64M', at('large')])
    if (how === 'removed') await removePath(agent.connection, 'large')
    else if (how === 'replaced') await writeFile(agent.connection, 'large', Buffer.from('small'))
    else {
      async function * broken () {
        for (let i = 0; i < 500; i++) yield Buffer.alloc(MAX_PAYLOAD)
        throw new Error('no more')
      }
      await expect(writeFile(agent.connection, 'large', broken(), { sync: false })).rejects.toThrow('no more')
    }
    await waitFor('no file without a name to be open', async () => {
      const open = await readdir(`/proc/${agent.pid}/fd`)
      const names = await Promise.all(open.map(async (fd) => await readlink(`/proc/${agent.pid}/fd/${fd}`).catch(() => '')))
      return !names.some((name) => name.endsWith('(deleted)'))
    })
    expect((await readdir(root())).length).toBe(how === 'removed' ? 0 : 1)
  })

  test('writes on an old kernel, where links are not followed', async () => {
    await mkdir(at('a'))
    await symlink('a', at('link'))
    await symlink('a/file', at('file-link'))
    const { connection } = await connect({ wrapper: onOldKernel })
    expect((await writeFile(connection, 'a/b/file', Buffer.from('x'))).created).toBe(true)
    for (const path of ['link/file', 'file-link']) {
      await expect(writeFile(connection, path, Buffer.from('x'))).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    }
  })

  test.each<[string, Buffer]>([
    ['no path', Buffer.of(19)],
    ['a mode with more than permissions', encodeWrite({ path: 'a', mode: 0o4755 })],
    ['two preconditions', Buffer.concat([encodeWrite({ path: 'a', precondition: 'absent' }), Buffer.of(4, 0, 0, 0, 24), Buffer.alloc(24)])],
    ['a version cut short', Buffer.concat([encodeWrite({ path: 'a' }), Buffer.of(4, 0, 0, 0, 23), Buffer.alloc(23)])],
    ['a flag that is neither', Buffer.concat([encodeWrite({ path: 'a' }), Buffer.of(7, 0, 0, 0, 1, 2)])]
  ])('refuses %s', async (_name, request) => {
    const agent = await start()
    agent.send(FrameType.OPEN, 1, request)
    expect(await failureCode(agent, 1)).toBe(ErrorCode.BAD_REQUEST)
  })

  const MEGABYTE = 1024 * 1024

  test.each<[string, () => Buffer[], number]>([
    ['nothing but zeros', () => [Buffer.alloc(8 * MEGABYTE)], 0],
    ['zeros in pieces that fit no block', () => Array.from({ length: 500 }, () => Buffer.alloc(15_873)), 0],
    ['zeros around something', () => [Buffer.alloc(3 * MEGABYTE + 17), Buffer.from('here'), Buffer.alloc(3 * MEGABYTE + 5)], 64 * 1024],
    ['something before and after zeros', () => [Buffer.from('first'), Buffer.alloc(5 * MEGABYTE), Buffer.from('last')], 64 * 1024],
    ['a single zero', () => [Buffer.alloc(1)], 0],
    ['random bytes with zeros in them', () => [randomBytes(100_000), Buffer.alloc(3), randomBytes(5_000), Buffer.alloc(4_096), Buffer.from([1])], Infinity]
  ])('a file of %s is as it was sent, with holes for blocks of zeros', async (_what, make, mostBytes) => {
    const pieces = make()
    const { connection } = await connect()
    async function * source (): AsyncGenerator<Uint8Array> { yield * pieces }
    await writeFile(connection, 'sparse', source())
    const file = join(root(), 'sparse')
    expect((await readFile(file)).equals(Buffer.concat(pieces))).toBe(true)
    expect((await stat(file)).blocks * 512).toBeLessThanOrEqual(mostBytes)
  })
})
