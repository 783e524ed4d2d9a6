import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, mkdir, readFile as readText, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { readFile } from '../../../src/sandbox/agent-client/read-file.ts'
import { statFile } from '../../../src/sandbox/agent-client/files.ts'
import { encodeCredit, encodeRead, ErrorCode, FrameType, INITIAL_CREDIT, MAX_PAYLOAD } from '../../../src/sandbox/agent-protocol.ts'
import { onChannel, streamBytes } from '../../support/agent-process.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { waitFor } from '../../support/wait-for.ts'

const refused = (code: number) => ({ name: 'AgentOperationError', code })

async function count (bytes: Readable): Promise<number> {
  let total = 0
  for await (const chunk of bytes) total += (chunk as Buffer).length
  return total
}

describeAgent('reading', ({ start, connect, root }) => {
  const at = (path: string) => join(root(), path)

  test('says what it reads, then sends all of it', async () => {
    const content = randomBytes(1_000_003)
    await writeFile(at('file'), content, { mode: 0o640 })
    const { connection } = await connect()
    const { entry, bytes } = await readFile(connection, 'file')
    const file = await stat(at('file'), { bigint: true })
    expect(entry).toEqual({ path: Buffer.from('file'), type: 'file', mode: 0o640, size: 1_000_003, mtimeNs: file.mtimeNs, inode: file.ino })
    expect((await buffer(bytes)).equals(content)).toBe(true)
  })

  test.each([
    [{ offset: 3, length: 4 }, '3456'],
    [{ offset: 8, length: 100 }, '89'],
    [{ offset: 2 ** 52 }, ''],
    [{ offset: Number.MAX_SAFE_INTEGER, length: Number.MAX_SAFE_INTEGER }, ''],
    [{ length: 0 }, '']
  ])('reads the part %o', async (range, expected) => {
    await writeFile(at('file'), '0123456789')
    const { connection } = await connect()
    const { entry, bytes } = await readFile(connection, 'file', range)
    expect(entry.size).toBe(10)
    expect((await buffer(bytes)).toString()).toBe(expected)
  })

  test('reads what a link leads to, and says so with the file\'s own facts', async () => {
    await mkdir(at('a'))
    await writeFile(at('a/file'), 'content')
    await symlink('a/file', at('link'))
    const { connection } = await connect()
    const { entry, bytes } = await readFile(connection, 'link')
    expect(entry).toMatchObject({ path: Buffer.from('link'), type: 'file', inode: (await stat(at('a/file'), { bigint: true })).ino })
    expect((await buffer(bytes)).toString()).toBe('content')
  })

  test('neither blocks on special files nor reads them', async () => {
    execFileSync('mkfifo', [at('fifo')])
    execFileSync('mknod', [at('device'), 'c', '1', '5'])
    const server = createServer().listen(at('socket'))
    await once(server, 'listening')
    const { connection } = await connect()
    for (const path of ['fifo', 'device', 'socket']) {
      await expect(readFile(connection, path)).rejects.toMatchObject(refused(ErrorCode.SPECIAL))
    }
    server.close()
  })

  test('wakes no program that waits for a reader of its FIFO', async () => {
    execFileSync('mkfifo', [at('fifo')])
    const writer = spawn('sh', ['-c', 'echo hello > "$1"', 'sh', at('fifo')])
    await waitFor('the program to wait', async () => /partner/.test(await readText(`/proc/${writer.pid}/wchan`, 'utf8')))
    const { connection } = await connect()
    await expect(readFile(connection, 'fifo')).rejects.toMatchObject(refused(ErrorCode.SPECIAL))
    expect(await readText(at('fifo'), 'utf8')).toBe('hello\n')
  })

  test('refuses a directory, and what is not there', async () => {
    await mkdir(at('directory'))
    const { connection } = await connect()
    await expect(readFile(connection, 'directory')).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    await expect(readFile(connection, 'none')).rejects.toMatchObject(refused(ErrorCode.NOT_FOUND))
    await expect(readFile(connection, 'directory/none')).rejects.toMatchObject(refused(ErrorCode.NOT_FOUND))
  })

  test('says that a file may not be read', async () => {
    await writeFile(at('file'), 'secret', { mode: 0o600 })
    await chmod(root(), 0o755)
    const { connection } = await connect({ wrapper: ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'] })
    await expect(readFile(connection, 'file')).rejects.toMatchObject(refused(ErrorCode.DENIED))
    await chown(at('file'), 1000, 1000)
    const { bytes } = await readFile(connection, 'file')
    expect((await buffer(bytes)).toString()).toBe('secret')
  })

  test('sends no more than there was, of a file that grows', async () => {
    await writeFile(at('file'), Buffer.alloc(INITIAL_CREDIT * 2, 'a'))
    const agent = await start()
    agent.send(FrameType.OPEN, 1, encodeRead({ path: 'file' }))
    await agent.waitFor(() => streamBytes(agent, 1, 0).length === INITIAL_CREDIT, 'all the credit')
    await writeFile(at('file'), 'b', { flag: 'a' })
    agent.send(FrameType.CREDIT, 1, encodeCredit(INITIAL_CREDIT * 2))
    await agent.waitFor(onChannel(1, FrameType.RESULT), 'RESULT')
    expect(streamBytes(agent, 1, 0).equals(Buffer.alloc(INITIAL_CREDIT * 2, 'a'))).toBe(true)
  })

  test('ends where a file ends that has shrunk', async () => {
    await writeFile(at('file'), Buffer.alloc(INITIAL_CREDIT * 2))
    const { connection } = await connect()
    const { bytes } = await readFile(connection, 'file')
    await waitFor('the first bytes', () => bytes.readableLength > 0)
    await truncate(at('file'), 10)
    const received = await count(bytes)
    expect(received).toBeLessThan(INITIAL_CREDIT * 2)
    expect(received).toBeGreaterThan(0)
  })

  test('reads a sparse file as the zeros it holds', async () => {
    await writeFile(at('sparse'), '')
    await truncate(at('sparse'), 50_000_000)
    const { connection } = await connect()
    const { entry, bytes } = await readFile(connection, 'sparse')
    expect(entry.size).toBe(50_000_000)
    expect(await count(bytes)).toBe(50_000_000)
  })

  test('sends a file no further than the reader takes it', async () => {
    await writeFile(at('large'), '')
    await truncate(at('large'), 100_000_000)
    const { connection } = await connect()
    const { bytes } = await readFile(connection, 'large')
    await waitFor('a full buffer', () => bytes.readableLength >= INITIAL_CREDIT)
    // Answered behind whatever the agent has sent before.
    await statFile(connection, 'large')
    expect(bytes.readableLength).toBeLessThanOrEqual(INITIAL_CREDIT + MAX_PAYLOAD)
    bytes.destroy()
  })

  test('goes on with other operations, and ends what is destroyed', async () => {
    await writeFile(at('large'), '')
    await truncate(at('large'), 2 ** 40)
    const { connection } = await connect()
    const readings = await Promise.all(Array.from({ length: 64 }, async () => await readFile(connection, 'large')))
    for (const { bytes } of readings) bytes.destroy()
    expect((await statFile(connection, 'large')).size).toBe(2 ** 40)
    const { bytes } = await readFile(connection, 'large', { length: 10 })
    expect(await count(bytes)).toBe(10)
  })

  test('reads a small file while large ones take all there is', async () => {
    await writeFile(at('large'), '')
    await truncate(at('large'), 2 ** 40)
    await writeFile(at('small'), Buffer.alloc(300_000, 'x'))
    const { connection } = await connect()
    const large = await Promise.all(Array.from({ length: 4 }, async () => (await readFile(connection, 'large')).bytes.resume()))
    for (let i = 0; i < 20; i++) {
      const { bytes } = await readFile(connection, 'small')
      expect(await count(bytes)).toBe(300_000)
    }
    for (const bytes of large) bytes.destroy()
  })

  test('ends with the reason of a signal, before the file is known and after', async () => {
    await writeFile(at('large'), '')
    await truncate(at('large'), 2 ** 40)
    const { connection } = await connect()
    const controller = new AbortController()
    const { bytes } = await readFile(connection, 'large', {}, controller.signal)
    const early = readFile(connection, 'large', {}, controller.signal)
    controller.abort(new Error('enough'))
    await expect(early).rejects.toThrow('enough')
    await expect(count(bytes)).rejects.toThrow('enough')
    await expect(readFile(connection, 'large', {}, controller.signal)).rejects.toThrow('enough')
    expect((await statFile(connection, 'large')).type).toBe('file')
  })

  test('fails in the middle when the agent is lost', async () => {
    await writeFile(at('large'), '')
    await truncate(at('large'), 2 ** 40)
    const agent = await connect()
    const { bytes } = await readFile(agent.connection, 'large')
    bytes.once('data', () => agent.kill('SIGKILL'))
    await expect(count(bytes)).rejects.toMatchObject({ name: 'AgentLostError' })
  })

  test.each<[string, Buffer]>([
    ['no path', Buffer.of(18)],
    ['a path twice', Buffer.concat([encodeRead({ path: 'a' }), encodeRead({ path: 'a' }).subarray(1)])],
    ['a path with NUL', encodeRead({ path: 'a\0b' })],
    ['an unknown field', Buffer.concat([encodeRead({ path: 'a' }), Buffer.of(9, 0, 0, 0, 0)])],
    ['a field cut short', encodeRead({ path: 'a', offset: 1 }).subarray(0, -1)]
  ])('refuses %s', async (_name, request) => {
    const agent = await start()
    agent.send(FrameType.OPEN, 1, request)
    const { payload } = await agent.waitFor(onChannel(1, FrameType.ERROR), 'ERROR')
    expect(payload.readUInt16BE()).toBe(ErrorCode.BAD_REQUEST)
  })
})
