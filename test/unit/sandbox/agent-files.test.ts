import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { etagOf, parseEtag } from '../../../src/sandbox/agent-client/etag.ts'
import { listFiles, makeDirectory, statFile } from '../../../src/sandbox/agent-client/files.ts'
import { readFile } from '../../../src/sandbox/agent-client/read-file.ts'
import { writeFile } from '../../../src/sandbox/agent-client/write-file.ts'
import {
  AgentProtocolError, decodeEntries, decodeEntry, encodeFrame, encodeList, encodeWrite, FrameType, INITIAL_CREDIT, MAX_PAYLOAD
} from '../../../src/sandbox/agent-protocol.ts'
import { createScriptedAgent } from '../../support/scripted-agent.ts'

const u16 = (value: number) => Buffer.of(value >> 8, value & 0xff)
const u32 = (value: number) => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)])
const u64 = (value: bigint) => Buffer.from(value.toString(16).padStart(16, '0'), 'hex')
const field = (tag: number, value: Buffer) => Buffer.concat([Buffer.of(tag), u32(value.length), value])
const frame = (type: typeof FrameType[keyof typeof FrameType], payload: Uint8Array = Buffer.alloc(0)) => encodeFrame({ type, channel: 1, payload })

function entry (path: string | Buffer, { letter = 'f', mode = 0o644, size = 5n, target = '' } = {}): Buffer {
  return Buffer.concat([
    u16(Buffer.byteLength(path)), Buffer.from(path), Buffer.from(letter), u32(mode), u64(size), u64(1_700_000_000_000_000_001n), u64(9n),
    u16(Buffer.byteLength(target)), Buffer.from(target)
  ])
}

const decoded = (path: string, type = 'file') =>
  ({ path: Buffer.from(path), type, mode: 0o644, size: 5, mtimeNs: 1_700_000_000_000_000_001n, inode: 9n })

/** What the promise rejects with, heard from now on. */
async function failureOf (promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(() => { throw new Error('it did not fail') }, (error: unknown) => error)
}

async function connected () {
  const scripted = createScriptedAgent()
  const agent = await scripted.connect()
  return { scripted, agent, sent: () => scripted.received().slice(1) }
}

describe('an entry', () => {
  it('is decoded, alone and among others', () => {
    expect(decodeEntry(entry('a'))).toEqual(decoded('a'))
    expect(decodeEntry(entry('', { letter: 'd' }))).toEqual(decoded('', 'directory'))
    const odd = Buffer.from([0x61, 0xff, 0x2f, 0x0a])
    expect(decodeEntry(entry(odd))).toEqual({ ...decoded(''), path: odd })
    expect(decodeEntries(Buffer.concat([entry('a', { letter: 'o' }), entry('b', { letter: 'l', target: '/x' })]))).toEqual([
      decoded('a', 'other'), { ...decoded('b', 'symlink'), target: Buffer.from('/x') }
    ])
  })

  it.each<[string, Buffer]>([
    ['an absolute path', entry('/etc/passwd')],
    ['a path that leads out', entry('a/../../b')],
    ['no path', entry('')],
    ['a path with NUL', entry('a\0b')],
    ['a path longer than any', entry('a'.repeat(4096))],
    ['an unknown type', entry('a', { letter: 'x' })],
    ['type bits in the mode', entry('a', { mode: 0o100644 })],
    ['a size beyond any file', entry('a', { size: 2n ** 63n })],
    ['a target of a file', entry('a', { target: 'b' })],
    ['a target longer than any', entry('a', { letter: 'l', target: 'b'.repeat(4096) })],
    ['a cut', entry('a', { letter: 'l', target: 'bc' }).subarray(0, -1)],
    ['no target\'s length', entry('a').subarray(0, -2)],
    ['a lone byte at the end', Buffer.concat([entry('a'), Buffer.of(0)])]
  ])('is refused with %s', (_, payload) => {
    expect(() => decodeEntries(payload)).toThrow(AgentProtocolError)
  })

  it('is refused with anything behind it where it is to be alone', () => {
    expect(() => decodeEntry(Buffer.concat([entry('a'), entry('b')]))).toThrow(AgentProtocolError)
  })
})

describe('an entity tag', () => {
  const version = { mtimeNs: 1_700_000_000_000_000_001n, size: 4_294_967_297, inode: 2n ** 64n - 1n }

  it('says mtime, size and inode, and is read again', () => {
    expect(etagOf(version)).toBe('"17979cfe362a0001-100000001-ffffffffffffffff"')
    expect(parseEtag(etagOf(version))).toEqual(version)
    expect(parseEtag(etagOf({ mtimeNs: 0n, size: 0, inode: 0n }))).toEqual({ mtimeNs: 0n, size: 0, inode: 0n })
  })

  it.each(['', '*', '""', '1-2-3', '"1-2"', '"1-2-3-4"', 'W/"1-2-3"', '"1-2-g"', '"A-2-3"', ' "1-2-3"', '"1-2-3"\n', `"${'1'.repeat(17)}-2-3"`, `"1-${'f'.repeat(14)}-3"`])('is not %j', (text) => {
    expect(parseEtag(text)).toBeUndefined()
  })
})

describe('reading through an agent', () => {
  const announced = frame(FrameType.EVENT, Buffer.concat([Buffer.of(4), field(1, entry('file', { size: 5n }))]))
  const sentBytes = (count: bigint) => frame(FrameType.RESULT, field(1, u64(count)))

  it('gives the file first and then its bytes', async () => {
    const { scripted, agent } = await connected()
    const reading = readFile(agent, 'file')
    await scripted.send(announced)
    const { entry: file, bytes } = await reading
    expect(file).toEqual(decoded('file'))
    await scripted.send(frame(FrameType.DATA, Buffer.from('hel')), frame(FrameType.DATA, Buffer.from('lo')), frame(FrameType.END), sentBytes(5n))
    expect((await buffer(bytes)).toString()).toBe('hello')
  })

  it.each<[string, Buffer[]]>([
    ['more than there is', [announced, frame(FrameType.DATA, Buffer.from('hello!'))]],
    ['bytes of a file that it has not named', [frame(FrameType.DATA, Buffer.from('x'))]],
    ['another event', [frame(FrameType.EVENT, Buffer.of(5))]]
  ])('ends the connection when the agent sends %s', async (_what, frames) => {
    const { scripted, agent } = await connected()
    const reading = failureOf(readFile(agent, 'file').then(async ({ bytes }) => await buffer(bytes)))
    await scripted.send(...frames)
    expect(await reading).toMatchObject({ name: 'AgentLostError' })
    expect(scripted.isDestroyed()).toBe(true)
  })

  it('ends no file before all that was sent is there', async () => {
    const { scripted, agent } = await connected()
    const reading = failureOf(readFile(agent, 'file').then(async ({ bytes }) => await buffer(bytes)))
    await scripted.send(announced, frame(FrameType.DATA, Buffer.from('hel')), frame(FrameType.END), sentBytes(5n))
    expect(await reading).toMatchObject({ message: 'the agent sent 3 of 5 bytes' })
  })

  it('fails when the agent never says which file it read', async () => {
    const { scripted, agent } = await connected()
    const reading = failureOf(readFile(agent, 'file'))
    await scripted.send(frame(FrameType.END), sentBytes(0n))
    expect(await reading).toBeInstanceOf(AgentProtocolError)
  })

  it('cancels what is destroyed, and only what is not over', async () => {
    const { scripted, agent, sent } = await connected()
    const reading = readFile(agent, 'file')
    await scripted.send(announced)
    const { bytes } = await reading
    bytes.destroy()
    await scripted.send()
    expect(sent().map(({ type }) => type)).toEqual([FrameType.OPEN, FrameType.CANCEL])
  })
})

describe('listing through an agent', () => {
  const result = (count: number) => frame(FrameType.RESULT, Buffer.concat([field(1, u32(count)), field(2, Buffer.of(0)), field(3, u32(0))]))

  it('asks for what is wanted', async () => {
    const { scripted, agent, sent } = await connected()
    const request = { path: 'a', depth: 3, limit: 2, after: 'a/b', exclude: ['.git', 'node_modules'] }
    const listing = listFiles(agent, request)
    await scripted.send(frame(FrameType.DATA, entry('a/c')), result(1))
    expect(await listing).toEqual({ entries: [decoded('a/c')], truncated: false, unlisted: 0 })
    expect(sent()[0]!.payload).toEqual(encodeList(request))
  })

  it('ends the connection when the agent lists more than it was asked for', async () => {
    const { scripted, agent } = await connected()
    const listing = failureOf(listFiles(agent, { limit: 1 }))
    await scripted.send(frame(FrameType.DATA, Buffer.concat([entry('a'), entry('b')])))
    expect(await listing).toMatchObject({ name: 'AgentLostError' })
  })

  it('fails when entries are missing', async () => {
    const { scripted, agent } = await connected()
    const listing = failureOf(listFiles(agent))
    await scripted.send(result(1))
    expect(await listing).toMatchObject({ message: 'the agent sent 0 of 1 entries' })
  })
})

describe('writing through an agent', () => {
  const accepted = frame(FrameType.EVENT, Buffer.of(5))
  const written = frame(FrameType.RESULT, Buffer.concat([field(1, entry('file')), field(2, Buffer.of(1))]))

  it('sends small content along with the request', async () => {
    const { scripted, agent, sent } = await connected()
    const precondition = { mtimeNs: 1n, size: 2, inode: 3n }
    const writing = writeFile(agent, 'file', Buffer.from('hello'), { precondition })
    await scripted.send()
    expect(scripted.writes()).toBe(2)
    expect(sent().map(({ type }) => type)).toEqual([FrameType.OPEN, FrameType.DATA, FrameType.END])
    expect(sent()[0]!.payload).toEqual(encodeWrite({ path: 'file', precondition }))
    await scripted.send(accepted, written)
    expect(await writing).toEqual({ entry: decoded('file'), created: true })
  })

  it('holds a stream back once the credit is used up, and cancels when it fails', async () => {
    const { scripted, agent, sent } = await connected()
    const source = new Readable({ read () { this.push(Buffer.alloc(MAX_PAYLOAD)) } })
    const writing = failureOf(writeFile(agent, 'file', source))
    await scripted.send(accepted)
    await scripted.send()
    const dataBytes = () => sent().reduce((sum, { type, payload }) => sum + (type === FrameType.DATA ? payload.length : 0), 0)
    expect(dataBytes()).toBe(INITIAL_CREDIT)
    source.destroy(new Error('the client is gone'))
    expect(await writing).toMatchObject({ message: 'the client is gone' })
    await scripted.send()
    expect(sent().at(-1)!.type).toBe(FrameType.CANCEL)
    expect(dataBytes()).toBe(INITIAL_CREDIT)
  })

  it('destroys the source when the agent refuses in the middle', async () => {
    const { scripted, agent } = await connected()
    const source = new Readable({ read () {} })
    const writing = failureOf(writeFile(agent, 'file', source))
    await scripted.send(accepted)
    await scripted.send(frame(FrameType.ERROR, Buffer.concat([u16(8), Buffer.from('No space left on device')])))
    expect(await writing).toMatchObject({ name: 'AgentOperationError', code: 8 })
    expect(source.destroyed).toBe(true)
  })

  it('rejects at once when a signal aborts, however stuck the agent is', async () => {
    const { scripted, agent, sent } = await connected()
    const controller = new AbortController()
    const writing = failureOf(writeFile(agent, 'file', Buffer.from('x'), {}, controller.signal))
    controller.abort(new Error('too late'))
    expect(await writing).toMatchObject({ message: 'too late' })
    await scripted.send()
    expect(sent().at(-1)!.type).toBe(FrameType.CANCEL)
  })
})

it('refuses a result with half its fields', async () => {
  const { scripted, agent } = await connected()
  const making = failureOf(makeDirectory(agent, 'a'))
  await scripted.send(frame(FrameType.RESULT, field(1, entry('a', { letter: 'd' }))))
  expect(await making).toMatchObject({ message: 'the agent left out the field created' })
  const asking = failureOf(statFile(agent, 'a'))
  await scripted.send(encodeFrame({ type: FrameType.RESULT, channel: 2 }))
  expect(await asking).toBeInstanceOf(AgentProtocolError)
})
