import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  decodeError, decodeGetResult, decodePutResult, decodeWalkEntries, decodeWalkResult, encodeCredit, encodeGet, encodePut, encodeWalk,
  ErrorCode, FrameType, INITIAL_CREDIT, type WalkEntry
} from '../../../src/sandbox/agent-protocol.ts'
import { AgentRefusal, onChannel, openRun, streamBytes, type AgentProcess } from '../../support/agent-process.ts'
import { describeAgent, listDescriptors } from '../../support/agent-suite.ts'
import { onOldKernel } from '../../support/old-kernel.ts'

async function lastFrame (agent: AgentProcess, channel: number): Promise<Buffer> {
  const isLast = (type: number) => type === FrameType.RESULT || type === FrameType.ERROR
  const last = await agent.waitFor((frame) => frame.channel === channel && isLast(frame.type), 'the last frame')
  if (last.type === FrameType.ERROR) throw new AgentRefusal(decodeError(last.payload))
  return last.payload
}

async function put (agent: AgentProcess, channel: number, path: string, content: string | Uint8Array, mode?: number) {
  agent.send(FrameType.OPEN, channel, encodePut({ path, ...(mode !== undefined && { mode }) }))
  agent.send(FrameType.DATA, channel, Buffer.from(content))
  agent.send(FrameType.END, channel)
  return decodePutResult(await lastFrame(agent, channel))
}

async function get (agent: AgentProcess, channel: number, request: { path: string, offset?: number, length?: number }) {
  agent.send(FrameType.OPEN, channel, encodeGet(request))
  const result = decodeGetResult(await lastFrame(agent, channel))
  return { ...result, content: streamBytes(agent, channel, 0) }
}

async function walk (agent: AgentProcess, channel: number, request: Parameters<typeof encodeWalk>[0] = {}) {
  agent.send(FrameType.OPEN, channel, encodeWalk(request))
  const result = decodeWalkResult(await lastFrame(agent, channel))
  const entries = agent.frames.filter(onChannel(channel, FrameType.DATA)).flatMap(({ payload }) => decodeWalkEntries(payload))
  return { ...result, list: entries }
}

const paths = (list: WalkEntry[]) => list.map(({ path }) => path.toString()).sort()

const LEADING_OUT = ['/etc/hostname', '../outside', 'a/../../outside', '..', '.', '', 'a//b', 'a/', './a']

describeAgent('files', ({ start, root }) => {
  test('puts a file with its parents and mode', async () => {
    const agent = await start()
    expect(await put(agent, 1, 'a/b/c.py', 'print(1)')).toEqual({ size: 8 })
    expect(await put(agent, 2, 'run.sh', '', 0o755)).toEqual({ size: 0 })
    expect(await readFile(join(root(), 'a/b/c.py'), 'utf8')).toBe('print(1)')
    expect((await stat(join(root(), 'a/b/c.py'))).mode & 0o7777).toBe(0o644)
    expect((await stat(join(root(), 'a'))).mode & 0o7777).toBe(0o755)
    expect((await stat(join(root(), 'run.sh'))).mode & 0o7777).toBe(0o755)
  })

  test('shows a file only when it is complete', async () => {
    await writeFile(join(root(), 'file'), 'before')
    const agent = await start()
    agent.send(FrameType.OPEN, 1, encodePut({ path: 'file' }))
    agent.send(FrameType.DATA, 1, Buffer.from('after'))
    agent.send(FrameType.PING, 0)
    await agent.waitFor(({ type }) => type === FrameType.PONG, 'PONG')
    expect(await readFile(join(root(), 'file'), 'utf8')).toBe('before')
    agent.send(FrameType.END, 1)
    await lastFrame(agent, 1)
    expect(await readFile(join(root(), 'file'), 'utf8')).toBe('after')
  })

  test.each(['CANCEL', 'end of input'])('leaves nothing behind on %s', async (how) => {
    const agent = await start()
    agent.send(FrameType.OPEN, 1, encodePut({ path: 'file' }))
    agent.send(FrameType.DATA, 1, Buffer.from('half'))
    if (how === 'CANCEL') {
      agent.send(FrameType.CANCEL, 1)
      await expect(lastFrame(agent, 1)).rejects.toMatchObject({ code: ErrorCode.CANCELLED })
    } else {
      agent.endInput()
      await agent.exited
    }
    expect(await readdir(root())).toEqual([])
  })

  test('takes a file larger than the credit', async () => {
    const agent = await start()
    agent.send(FrameType.OPEN, 1, encodePut({ path: 'large' }))
    for (let sent = 0; sent < INITIAL_CREDIT; sent += 65_536) agent.send(FrameType.DATA, 1, Buffer.alloc(65_536, 'a'))
    await agent.waitFor(onChannel(1, FrameType.CREDIT), 'credit')
    agent.send(FrameType.DATA, 1, Buffer.alloc(65_536, 'b'))
    agent.send(FrameType.END, 1)
    await lastFrame(agent, 1)
    expect((await stat(join(root(), 'large'))).size).toBe(INITIAL_CREDIT + 65_536)
  })

  test.each(LEADING_OUT)('refuses the path %o', async (path) => {
    await mkdir(join(root(), 'a'))
    const agent = await start()
    await expect(put(agent, 1, path, 'x')).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    await expect(get(agent, 2, { path })).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    if (path !== '') await expect(walk(agent, 3, { path })).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
  })

  test('follows no link, on the way or at the end', async () => {
    await mkdir(join(root(), 'real'))
    await writeFile(join(root(), 'real/file'), 'content')
    await symlink('real', join(root(), 'link'))
    await symlink('real/file', join(root(), 'file-link'))
    const agent = await start()
    await expect(put(agent, 1, 'link/new', 'x')).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    await expect(get(agent, 2, { path: 'link/file' })).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    await expect(get(agent, 3, { path: 'file-link' })).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    await expect(walk(agent, 4, { path: 'link' })).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    await put(agent, 5, 'file-link', 'replaced')
    expect(await readFile(join(root(), 'real/file'), 'utf8')).toBe('content')
    expect(await readFile(join(root(), 'file-link'), 'utf8')).toBe('replaced')
  })

  test('reads regular files only', async () => {
    execFileSync('mkfifo', [join(root(), 'fifo')])
    await mkdir(join(root(), 'directory'))
    const agent = await start()
    for (const [channel, path] of [[1, 'fifo'], [2, 'directory']] as const) {
      await expect(get(agent, channel, { path })).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    }
    await expect(get(agent, 3, { path: 'none' })).rejects.toMatchObject({ code: ErrorCode.NOT_FOUND })
    await expect(put(agent, 4, 'directory', 'x')).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    expect(await readdir(root())).toEqual(['directory', 'fifo'])
  })

  test('gets a range', async () => {
    await writeFile(join(root(), 'file'), '0123456789')
    const agent = await start()
    expect(await get(agent, 1, { path: 'file' })).toEqual({ content: Buffer.from('0123456789'), sentBytes: 10, size: 10 })
    expect(await get(agent, 2, { path: 'file', offset: 3, length: 4 })).toEqual({ content: Buffer.from('3456'), sentBytes: 4, size: 10 })
    expect(await get(agent, 3, { path: 'file', offset: 8, length: 100 })).toEqual({ content: Buffer.from('89'), sentBytes: 2, size: 10 })
    expect(await get(agent, 4, { path: 'file', offset: 2 ** 52 })).toEqual({ content: Buffer.alloc(0), sentBytes: 0, size: 10 })
    expect(await get(agent, 5, { path: 'file', length: 0 })).toEqual({ content: Buffer.alloc(0), sentBytes: 0, size: 10 })
  })

  test('sends a file no further than the credit goes', async () => {
    await writeFile(join(root(), 'file'), '')
    await truncate(join(root(), 'file'), 1_000_000)
    const agent = await start()
    agent.send(FrameType.OPEN, 1, encodeGet({ path: 'file' }))
    agent.send(FrameType.PING, 0)
    await agent.waitFor(() => streamBytes(agent, 1, 0).length >= INITIAL_CREDIT, 'all the credit')
    expect(streamBytes(agent, 1, 0)).toHaveLength(INITIAL_CREDIT)
    agent.send(FrameType.CREDIT, 1, encodeCredit(1_000_000))
    expect(decodeGetResult(await lastFrame(agent, 1))).toEqual({ sentBytes: 1_000_000, size: 1_000_000 })
  })

  test('walks parents before children, without following links', async () => {
    await mkdir(join(root(), 'a/b'), { recursive: true })
    await writeFile(join(root(), 'a/b/file'), 'four')
    await symlink('/', join(root(), 'a/link'))
    execFileSync('mkfifo', [join(root(), 'fifo')])
    const agent = await start()
    const { list, entries, truncated } = await walk(agent, 1)
    expect({ entries, truncated }).toEqual({ entries: 5, truncated: false })
    expect(paths(list)).toEqual(['a', 'a/b', 'a/b/file', 'a/link', 'fifo'])
    const position = (path: string) => list.findIndex((entry) => entry.path.toString() === path)
    expect(position('a')).toBeLessThan(position('a/b'))
    expect(position('a/b')).toBeLessThan(position('a/b/file'))
    const file = await stat(join(root(), 'a/b/file'), { bigint: true })
    expect(list[position('a/b/file')]).toMatchObject({ type: 'file', mode: 0o644, size: 4, mtimeNs: file.mtimeNs, inode: file.ino })
    expect(list[position('a/link')]!.type).toBe('symlink')
    expect(list[position('fifo')]!.type).toBe('other')
    expect(paths((await walk(agent, 2, { path: 'a', depth: 1 })).list)).toEqual(['a/b', 'a/link'])
  })

  test('lists names of any bytes', async () => {
    const name = Buffer.from([0xff, 0x0a, 0x20, 0x80])
    await writeFile(Buffer.concat([Buffer.from(`${root()}/`), name]), '')
    const { list } = await walk(await start(), 1)
    expect(list.map(({ path }) => path)).toEqual([name])
  })

  test('stops at the number of entries and says so', async () => {
    for (let i = 0; i < 10; i++) await writeFile(join(root(), `file-${i}`), '')
    const agent = await start()
    expect(await walk(agent, 1, { maxEntries: 9 })).toMatchObject({ entries: 9, truncated: true })
    expect(await walk(agent, 2, { maxEntries: 10 })).toMatchObject({ entries: 10, truncated: false })
    expect(await walk(agent, 3, { maxEntries: 0 })).toMatchObject({ entries: 0, truncated: true })
  })

  test('walks a tree deeper than it lists and says so', async () => {
    execFileSync('bash', ['-c', 'for i in $(seq 60); do mkdir d; cd d; done'], { cwd: root() })
    const { entries, truncated } = await walk(await start(), 1)
    expect({ entries, truncated }).toEqual({ entries: 40, truncated: true })
  })

  test('lists more than the credit holds as it comes', async () => {
    await mkdir(join(root(), 'd'))
    await Promise.all(Array.from({ length: 2000 }, (_, i) => writeFile(join(root(), 'd', `${'n'.repeat(200)}${i}`), '')))
    const agent = await start()
    agent.send(FrameType.OPEN, 1, encodeWalk())
    await agent.waitFor(() => streamBytes(agent, 1, 0).length > INITIAL_CREDIT - 400, 'all the credit')
    agent.send(FrameType.CREDIT, 1, encodeCredit(INITIAL_CREDIT))
    expect(decodeWalkResult(await lastFrame(agent, 1))).toEqual({ entries: 2001, truncated: false })
    const entries = agent.frames.filter(onChannel(1, FrameType.DATA)).flatMap(({ payload }) => decodeWalkEntries(payload))
    expect(new Set(paths(entries)).size).toBe(2001)
  })

  test.each([
    ['at once when there is no space for it', 'a', false],
    ['at its end when it ends in zeros, which take none, beyond what may be', '\0', true]
  ])('refuses a file %s', async (_when, byte, isEnded) => {
    const agent = await start({ wrapper: ['prlimit', '--fsize=100000'] })
    await expect(put(agent, 1, 'file', Buffer.alloc(65_536, byte))).resolves.toEqual({ size: 65_536 })
    agent.send(FrameType.OPEN, 2, encodePut({ path: 'other' }))
    for (let i = 0; i < 2; i++) agent.send(FrameType.DATA, 2, Buffer.alloc(65_536, byte))
    if (isEnded) agent.send(FrameType.END, 2)
    await expect(lastFrame(agent, 2)).rejects.toMatchObject({ code: ErrorCode.NO_SPACE })
    expect(await readdir(root())).toEqual(['file'])
  })

  test('lists nothing of a directory it may not read', async () => {
    await mkdir(join(root(), 'closed/inner'), { recursive: true })
    await chmod(join(root(), 'closed'), 0)
    await chmod(root(), 0o755)
    const agent = await start({ wrapper: ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'] })
    expect(await walk(agent, 1)).toMatchObject({ entries: 1, truncated: true })
  })
})

describeAgent('files on an old kernel', ({ start, root, env }) => {
  test('stay beneath the root', async () => {
    await mkdir(join(root(), 'a/b'), { recursive: true })
    await writeFile(join(root(), 'a/b/file'), 'content')
    await symlink('a', join(root(), 'link'))
    await symlink('a/b/file', join(root(), 'file-link'))
    const agent = await start({ wrapper: onOldKernel })
    expect((await get(agent, 1, { path: 'a/b/file' })).content.toString()).toBe('content')
    for (const [channel, path] of [[2, 'link/b/file'], [3, 'file-link'], [4, '../etc'], [5, 'a/b/file/x']] as const) {
      await expect(get(agent, channel, { path })).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    }
    await expect(get(agent, 6, { path: 'a/none/x' })).rejects.toMatchObject({ code: ErrorCode.NOT_FOUND })
    expect(paths((await walk(agent, 7, { path: 'a' })).list)).toEqual(['a/b', 'a/b/file'])
  })

  test('start programs without a descriptor too many', async () => {
    const agent = await start({ wrapper: onOldKernel })
    const run = openRun(agent, 1, { args: ['sh', '-c', listDescriptors], env: env() })
    expect((await run.finish()).stdout).toBe('0 1 2 ')
  })
})
