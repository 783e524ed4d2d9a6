import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { listFiles, makeDirectory, makeLink, statFile } from '../../../src/sandbox/agent-client/files.ts'
import {
  decodeEntries, decodeListResult, encodeCredit, encodeLink, encodeList, encodeMakeDirectory, encodeStat, encodeSync, ErrorCode, FrameType,
  INITIAL_CREDIT, type FileEntry, type ListRequest
} from '../../../src/sandbox/agent-protocol.ts'
import { onChannel, streamBytes } from '../../support/agent-process.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { onOldKernel } from '../../support/old-kernel.ts'

const UNPRIVILEGED = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups']

const refused = (code: number) => ({ name: 'AgentOperationError', code })
const paths = (entries: FileEntry[]) => entries.map(({ path }) => path.toString())

async function listPages (connection: AgentConnection, request: ListRequest): Promise<FileEntry[][]> {
  const pages: FileEntry[][] = []
  for (;;) {
    const after = pages.at(-1)?.at(-1)?.path
    const { entries, truncated } = await listFiles(connection, { ...request, ...(after && { after }) })
    pages.push(entries)
    if (!truncated) return pages
  }
}

function makeMany (directory: string, count: number): void {
  execFileSync('sh', ['-c', `mkdir -p "$1" && cd "$1" && seq -f 'file-%06.0f' ${count} | xargs touch`, 'sh', directory])
}

describeAgent('listing', ({ start, connect, root }) => {
  const at = (path: string) => join(root(), path)

  test('says what each entry is', async () => {
    await mkdir(at('directory'))
    await writeFile(at('file'), 'four', { mode: 0o640 })
    execFileSync('mkfifo', [at('fifo')])
    await symlink('/etc/passwd', at('link'))
    const { connection } = await connect()
    const { entries, truncated, unlisted } = await listFiles(connection)
    const file = await stat(at('file'), { bigint: true })
    expect({ truncated, unlisted }).toEqual({ truncated: false, unlisted: 0 })
    expect(entries.map(({ path, type }) => [path.toString(), type])).toEqual([['directory', 'directory'], ['fifo', 'other'], ['file', 'file'], ['link', 'symlink']])
    expect(entries[2]).toEqual({ path: Buffer.from('file'), type: 'file', mode: 0o640, size: 4, mtimeNs: file.mtimeNs, inode: file.ino })
    expect(entries[3]!.target).toEqual(Buffer.from('/etc/passwd'))
  })

  test('goes by the bytes of names, each directory before its content, down to the depth that is asked for', async () => {
    for (const path of ['a', 'a/z', 'a/z/deep', 'B', 'a-b', 'a.b', 'ä']) await mkdir(at(path))
    await writeFile(at('a/b'), '')
    await symlink('a', at('link'))
    const { connection } = await connect()
    expect(paths((await listFiles(connection)).entries)).toEqual(['B', 'a', 'a-b', 'a.b', 'link', 'ä'])
    expect(paths((await listFiles(connection, { depth: 2 })).entries)).toEqual(['B', 'a', 'a/b', 'a/z', 'a-b', 'a.b', 'link', 'ä'])
    expect(paths((await listFiles(connection, { depth: 40 })).entries)).toEqual(['B', 'a', 'a/b', 'a/z', 'a/z/deep', 'a-b', 'a.b', 'link', 'ä'])
    expect(paths((await listFiles(connection, { path: 'a' })).entries)).toEqual(['a/b', 'a/z'])
    expect(paths((await listFiles(connection, { path: 'link' })).entries)).toEqual(['link/b', 'link/z'])
  })

  test('leaves out the content of what is excluded, and the names of the agent itself', async () => {
    await mkdir(at('node_modules/x'), { recursive: true })
    await mkdir(at('src/.git'), { recursive: true })
    await mkdir(at('.berth-staging-1/x'), { recursive: true })
    await writeFile(at('src/.git/config'), '')
    await writeFile(at('src/.berth-write-0'), '')
    const { connection } = await connect()
    const { entries } = await listFiles(connection, { depth: 40, exclude: ['node_modules', '.git'] })
    expect(paths(entries)).toEqual(['node_modules', 'src', 'src/.git'])
  })

  test.each([1, 2, 3, 7, 1000])('lists the same in pages of %i', async (limit) => {
    for (const path of ['a/b/c/d', 'a/b/c.d', 'a/b-c', 'a-b/c', 'empty', 'z/z/z']) await mkdir(at(path), { recursive: true })
    await writeFile(at('a/b/c/file'), '')
    const { connection } = await connect()
    const whole = (await listFiles(connection, { depth: 40 })).entries
    const pages = await listPages(connection, { depth: 40, limit })
    expect(pages.flat()).toEqual(whole)
    expect(pages).toHaveLength(Math.ceil(whole.length / limit))
    const inner = await listPages(connection, { path: 'a', depth: 2, limit })
    expect(paths(inner.flat())).toEqual(['a/b', 'a/b/c', 'a/b/c.d', 'a/b-c'])
  })

  test('goes on behind an entry that has gone or has become something else', async () => {
    for (const path of ['a/x', 'b/x', 'c/x']) await mkdir(at(path), { recursive: true })
    const { connection } = await connect()
    await rm(at('b'), { recursive: true })
    expect(paths((await listFiles(connection, { depth: 40, after: 'b/x' })).entries)).toEqual(['c', 'c/x'])
    await symlink('a', at('b'))
    expect(paths((await listFiles(connection, { depth: 40, after: 'b/a' })).entries)).toEqual(['c', 'c/x'])
    expect(paths((await listFiles(connection, { depth: 40, after: 'c/x/y/z' })).entries)).toEqual([])
  })

  test('lists 100,000 entries of one directory, in one go and in pages', async () => {
    makeMany(at('many'), 100_000)
    const { connection } = await connect()
    const { entries, truncated } = await listFiles(connection, { path: 'many', limit: 100_000 })
    expect({ count: entries.length, truncated }).toEqual({ count: 100_000, truncated: false })
    expect(paths(entries)).toEqual(Array.from({ length: 100_000 }, (_, i) => `many/file-${String(i + 1).padStart(6, '0')}`))
    const pages = await listPages(connection, { path: 'many', limit: 20_000 })
    expect(pages.map(({ length }) => length)).toEqual([20_000, 20_000, 20_000, 20_000, 20_000])
    expect(pages[4]!.at(-1)!.path.toString()).toBe('many/file-100000')
  })

  test('answers others while it lists a large directory', async () => {
    makeMany(at('many'), 30_000)
    const { connection } = await connect()
    const listed = listFiles(connection, { path: 'many', limit: 30_000 }).then(() => 'listed')
    const answer = async () => await statFile(connection, 'many').then(() => 'answered')
    let answers = 0
    while (await Promise.race([listed, answer()]) === 'answered') answers++
    expect(answers).toBeGreaterThan(5)
  })

  test('sends no more than the credit, and goes on when there is more', async () => {
    makeMany(at('d'), 6000)
    const agent = await start()
    agent.send(FrameType.OPEN, 1, encodeList({ limit: 100_000, depth: 2 }))
    await agent.waitFor(() => streamBytes(agent, 1, 0).length > INITIAL_CREDIT - 100, 'all the credit')
    agent.send(FrameType.PING, 0)
    await agent.waitFor(({ type }) => type === FrameType.PONG, 'PONG')
    expect(streamBytes(agent, 1, 0).length).toBeLessThanOrEqual(INITIAL_CREDIT)
    agent.send(FrameType.CREDIT, 1, encodeCredit(INITIAL_CREDIT * 2))
    const { payload } = await agent.waitFor(onChannel(1, FrameType.RESULT), 'RESULT')
    expect(decodeListResult(payload)).toEqual({ entries: 6001, truncated: false, unlisted: 0 })
    expect(agent.frames.filter(onChannel(1, FrameType.DATA)).flatMap((frame) => decodeEntries(frame.payload))).toHaveLength(6001)
  })

  test('ends when it is cancelled, in whatever it does', async () => {
    makeMany(at('many'), 20_000)
    const agent = await start()
    for (let channel = 1; channel <= 30; channel++) {
      agent.send(FrameType.OPEN, channel, encodeList({ path: 'many', limit: 20_000 }))
      for (let pings = 0; pings < channel; pings++) agent.send(FrameType.PING, 0)
      agent.send(FrameType.CANCEL, channel)
      const last = await agent.waitFor((frame) => frame.channel === channel && frame.type === FrameType.ERROR, 'ERROR')
      expect(last.payload.readUInt16BE()).toBe(ErrorCode.CANCELLED)
    }
    const { connection } = await connect()
    const controller = new AbortController()
    const listing = listFiles(connection, { path: 'many', limit: 20_000 }, controller.signal)
    controller.abort(new Error('enough'))
    await expect(listing).rejects.toThrow('enough')
    expect((await listFiles(connection)).entries).toHaveLength(1)
  })

  test('counts what it may not look into', async () => {
    await mkdir(at('closed/inner'), { recursive: true })
    await mkdir(at('open/inner'), { recursive: true })
    await chmod(at('closed'), 0)
    await chmod(root(), 0o755)
    const { connection } = await connect({ wrapper: UNPRIVILEGED })
    const { entries, unlisted } = await listFiles(connection, { depth: 40 })
    expect({ paths: paths(entries), unlisted }).toEqual({ paths: ['closed', 'open', 'open/inner'], unlisted: 1 })
  })

  test('lists names of any bytes, and of any length there is', async () => {
    const names = [Buffer.from([0xff, 0x0a, 0x20, 0x80]), Buffer.from('new\nline'), Buffer.alloc(255, 'n'), Buffer.from('\\')]
    for (const name of names) await writeFile(Buffer.concat([Buffer.from(`${root()}/`), name]), 'x')
    const { connection } = await connect()
    const { entries } = await listFiles(connection)
    expect(entries.map(({ path }) => path)).toEqual(names.sort((a, b) => a.compare(b)))
    for (const name of names) expect((await statFile(connection, name)).size).toBe(1)
    const after = await listFiles(connection, { after: names[1]! })
    expect(after.entries.map(({ path }) => path)).toEqual(names.slice(2))
  })

  test('lists as deep as a path can say', async () => {
    // 4,095 bytes: 16 names of 255 with their slashes are one too many, so the last one is short.
    const deepest = [...Array.from({ length: 15 }, () => 'd'.repeat(255)), 'e'.repeat(255)].join('/')
    expect(deepest).toHaveLength(4095)
    const { connection } = await connect()
    await makeDirectory(connection, deepest)
    const { entries, unlisted } = await listFiles(connection, { depth: 40 })
    expect({ deepest: entries.at(-1)!.path.toString(), count: entries.length, unlisted }).toEqual({ deepest, count: 16, unlisted: 0 })
    expect((await statFile(connection, deepest)).type).toBe('directory')
    execFileSync('python3', ['-c', 'import os, sys\nos.chdir(sys.argv[1])\nfor name in sys.argv[2].split("/"): os.chdir(name)\nopen("too-deep", "w")', root(), deepest])
    expect(await listFiles(connection, { path: deepest })).toEqual({ entries: [], truncated: false, unlisted: 1 })
    // Node cannot remove what no path names.
    execFileSync('rm', ['-r', at('d'.repeat(255))])
  })

  test.each<[string, Buffer]>([
    ['a depth of 0', encodeList({ depth: 0 })],
    ['a depth of 41', encodeList({ depth: 41 })],
    ['no entries at all', encodeList({ limit: 0 })],
    ['100,001 entries', encodeList({ limit: 100_001 })],
    ['an excluded path', Buffer.concat([encodeList({}), Buffer.of(5, 0, 0, 0, 0)])],
    ['to go on after what is elsewhere', encodeList({ path: 'a', after: 'ab/c' })],
    ['to go on after the directory itself', encodeList({ path: 'a', after: 'a' })],
    ['to go on after what leads out', encodeList({ after: '../a' })],
    ['a stat of nothing', encodeStat({ path: '' }).subarray(0, 1)],
    ['a sync with a field', Buffer.concat([encodeSync(), Buffer.of(1, 0, 0, 0, 0)])],
    ['a link without a target', encodeLink({ path: 'a', target: '' })],
    ['a mkdir without a path', encodeMakeDirectory({ path: 'a' }).subarray(0, 1)]
  ])('refuses %s, and goes on', async (_name, request) => {
    await mkdir(at('a'))
    const agent = await start()
    agent.send(FrameType.OPEN, 1, request)
    const { payload } = await agent.waitFor(onChannel(1, FrameType.ERROR), 'ERROR')
    expect(payload.readUInt16BE()).toBe(ErrorCode.BAD_REQUEST)
    agent.send(FrameType.PING, 0)
    await agent.waitFor(({ type }) => type === FrameType.PONG, 'PONG')
  })
})

describeAgent('making directories and links', ({ connect, root }) => {
  const at = (path: string) => join(root(), path)

  test('makes a directory once, with its parents', async () => {
    const { connection } = await connect()
    expect(await makeDirectory(connection, 'a/b')).toMatchObject({ created: true, entry: { path: Buffer.from('a/b'), type: 'directory', mode: 0o755 } })
    expect(await makeDirectory(connection, 'a/b')).toMatchObject({ created: false, entry: { type: 'directory' } })
    expect(await makeDirectory(connection, 'a/b', { mode: 0o700 })).toMatchObject({ created: false, entry: { mode: 0o700 } })
    expect(await makeDirectory(connection, 'a/c', { mode: 0o750 })).toMatchObject({ created: true, entry: { mode: 0o750 } })
    await expect(makeDirectory(connection, 'a/d', { mode: 0o1777 })).rejects.toMatchObject(refused(ErrorCode.BAD_REQUEST))
    await writeFile(at('a/file'), '')
    await symlink('b', at('a/link'))
    for (const path of ['a/file', 'a/link']) await expect(makeDirectory(connection, path)).rejects.toMatchObject(refused(ErrorCode.EXISTS))
    await expect(makeDirectory(connection, 'a/file/b')).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    expect(await makeDirectory(connection, 'a/link/c')).toMatchObject({ created: true })
    expect(await readdir(at('a/b'))).toEqual(['c'])
  })

  test('makes a link with any target, and replaces one only if it may', async () => {
    const { connection } = await connect()
    expect(await makeLink(connection, 'a/link', '/etc/passwd')).toMatchObject({ type: 'symlink', target: Buffer.from('/etc/passwd') })
    await expect(makeLink(connection, 'a/link', 'other')).rejects.toMatchObject(refused(ErrorCode.EXISTS))
    await symlink('left by a killed agent', at('a/.berth-link'))
    await makeLink(connection, 'a/link', '../other', { overwrite: true })
    expect(await readlink(at('a/link'))).toBe('../other')
    await mkdir(at('a/directory'))
    await expect(makeLink(connection, 'a/directory', 'x', { overwrite: true })).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    expect((await readdir(at('a'))).sort()).toEqual(['directory', 'link'])
    const longest = 'x'.repeat(4095)
    expect((await makeLink(connection, 'longest', longest)).target!.toString()).toBe(longest)
  })

  test('says what a path names, and what a link leads to', async () => {
    await writeFile(at('file'), 'content')
    await symlink('file', at('link'))
    const { connection } = await connect()
    expect(await statFile(connection, '')).toMatchObject({ path: Buffer.alloc(0), type: 'directory' })
    expect(await statFile(connection, '', { follow: true })).toMatchObject({ type: 'directory' })
    expect(await statFile(connection, 'link')).toMatchObject({ type: 'symlink', size: 4, target: Buffer.from('file') })
    expect(await statFile(connection, 'link', { follow: true })).toMatchObject({ path: Buffer.from('link'), type: 'file', size: 7 })
    await expect(statFile(connection, 'none')).rejects.toMatchObject(refused(ErrorCode.NOT_FOUND))
    await rename(at('file'), at('moved'))
    await expect(statFile(connection, 'link', { follow: true })).rejects.toMatchObject(refused(ErrorCode.NOT_FOUND))
  })

  test('follows no link where the kernel cannot say how', async () => {
    await mkdir(at('a/b'), { recursive: true })
    await writeFile(at('a/file'), 'content')
    await symlink('a', at('link'))
    await symlink('a/file', at('file-link'))
    const { connection } = await connect({ wrapper: onOldKernel })
    expect(paths((await listFiles(connection, { depth: 40 })).entries)).toEqual(['a', 'a/b', 'a/file', 'file-link', 'link'])
    expect((await statFile(connection, 'a/file', { follow: true })).size).toBe(7)
    expect((await makeDirectory(connection, 'a/c/d')).created).toBe(true)
    await expect(statFile(connection, 'link/file')).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    await expect(statFile(connection, 'file-link', { follow: true })).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    await expect(listFiles(connection, { path: 'link' })).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    await expect(makeDirectory(connection, 'link/e/f')).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    await expect(statFile(connection, 'a/none/x')).rejects.toMatchObject(refused(ErrorCode.NOT_FOUND))
  })
})
