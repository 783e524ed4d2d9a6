import { describe, expect, test } from 'vitest'
import * as protocol from '../../../src/sandbox/agent-protocol.ts'
import { AgentProtocolError, createFrameReader, encodeFrame, ErrorCode, EventKind, FrameType, type Frame } from '../../../src/sandbox/agent-protocol.ts'

function field (tag: number, value: Uint8Array): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt8(tag, 0)
  header.writeUInt32BE(value.length, 1)
  return Buffer.concat([header, value])
}

function u32 (value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function u64 (value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

function readAll (...chunks: Buffer[]): Frame[] {
  const frames: Frame[] = []
  const reader = createFrameReader((frame) => frames.push(frame))
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  return frames
}

describe('createFrameReader', () => {
  const bytes = Buffer.concat([
    encodeFrame({ type: FrameType.DATA, channel: 7, stream: 2, payload: Buffer.from('some output') }),
    encodeFrame({ type: FrameType.END, channel: 7, stream: 2 }),
    encodeFrame({ type: FrameType.PONG, payload: Buffer.from('x') })
  ])
  const frames = [
    { type: FrameType.DATA, channel: 7, stream: 2, payload: Buffer.from('some output') },
    { type: FrameType.END, channel: 7, stream: 2, payload: Buffer.alloc(0) },
    { type: FrameType.PONG, channel: 0, stream: 0, payload: Buffer.from('x') }
  ]

  test('gives the same frames wherever the bytes are split in two', () => {
    for (let at = 0; at <= bytes.length; at++) {
      expect(readAll(bytes.subarray(0, at), bytes.subarray(at))).toEqual(frames)
    }
  })

  test('gives the same frames byte by byte', () => {
    expect(readAll(...Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(frames)
  })

  test('does not copy a payload that lies within one chunk', () => {
    const [first] = readAll(bytes)
    expect(first!.payload.buffer).toBe(bytes.buffer)
  })

  test('refuses an end inside a frame', () => {
    for (let at = 1; at < 19; at++) {
      const reader = createFrameReader(() => {})
      reader.push(bytes.subarray(0, at))
      expect(() => reader.end()).toThrow(AgentProtocolError)
    }
  })

  test.each<[string, Buffer]>([
    ['an unknown type', encodeFrame({ type: 13 as never, channel: 1 })],
    ['a type only the server sends', encodeFrame({ type: FrameType.OPEN, channel: 1, payload: Buffer.of(1) })],
    ['a payload above the limit', Buffer.from([3, 1, 0, 1, 0, 1, 0, 1])],
    ['a length of 4 GiB', Buffer.from([3, 1, 0, 1, 255, 255, 255, 255])],
    ['DATA on channel 0', encodeFrame({ type: FrameType.DATA, stream: 1, payload: Buffer.from('x') })],
    ['DATA on stream 3', encodeFrame({ type: FrameType.DATA, channel: 1, stream: 3, payload: Buffer.from('x') })],
    ['DATA without bytes', encodeFrame({ type: FrameType.DATA, channel: 1, stream: 1 })],
    ['END with bytes', encodeFrame({ type: FrameType.END, channel: 1, payload: Buffer.from('x') })],
    ['CREDIT of three bytes', encodeFrame({ type: FrameType.CREDIT, channel: 1, payload: Buffer.alloc(3) })],
    ['PONG on a channel', encodeFrame({ type: FrameType.PONG, channel: 1 })],
    ['HELLO on a channel', encodeFrame({ type: FrameType.HELLO, channel: 1, payload: Buffer.alloc(6) })],
    ['an error message without bounds', encodeFrame({ type: FrameType.ERROR, channel: 1, payload: Buffer.alloc(1025) })]
  ])('refuses %s, and everything after it', (_, bad) => {
    const reader = createFrameReader(() => expect.unreachable())
    expect(() => reader.push(bad)).toThrow(AgentProtocolError)
    expect(() => reader.push(bytes)).toThrow(AgentProtocolError)
    expect(() => reader.end()).toThrow(AgentProtocolError)
  })
})

test('a frame holds at most 65,536 bytes', () => {
  expect(encodeFrame({ type: FrameType.DATA, channel: 1, payload: Buffer.alloc(65_536) })).toHaveLength(65_544)
  expect(() => encodeFrame({ type: FrameType.DATA, channel: 1, payload: Buffer.alloc(65_537) })).toThrow(RangeError)
})

describe('HELLO', () => {
  const fields = Buffer.concat([field(1, u32(16)), field(2, u32(1)), field(3, Buffer.from('abc'))])
  const hello = (version: number) => Buffer.concat([Buffer.from('BRTH'), Buffer.of(0, version), fields])

  test('tells channels, process and build', () => {
    expect(protocol.decodeHello(hello(3))).toEqual({ maxChannels: 16, processId: 1, build: 'abc' })
  })

  test.each<[string, Buffer]>([
    ['another version', hello(2)],
    ['something that is no agent', Buffer.from('HTTP/1.1 400')],
    ['missing fields', Buffer.from('BRTH\0\x03')],
    ['no channels', Buffer.concat([Buffer.from('BRTH\0\x03'), field(1, u32(0)), field(2, u32(1))])]
  ])('refuses %s', (_, payload) => {
    expect(() => protocol.decodeHello(payload)).toThrow(AgentProtocolError)
  })
})

describe('RUN', () => {
  test('encodes arguments, environment and limits as fields', () => {
    const payload = protocol.encodeRun({
      args: ['python3', 'main.py'], env: { A: 'b=c' }, cwd: 'sub', wallMs: 1000, outputLimitBytes: 2 ** 33, reportInputWait: true, cpuMs: 500
    })
    expect(payload).toEqual(Buffer.concat([
      Buffer.of(1), field(1, Buffer.from('python3')), field(1, Buffer.from('main.py')), field(2, Buffer.from('A=b=c')),
      field(3, Buffer.from('sub')), field(4, u32(1000)), field(5, u64(2n ** 33n)), field(6, u32(1)), field(7, u32(500))
    ]))
  })

  test('refuses NUL and what does not fit in a frame', () => {
    expect(() => protocol.encodeRun({ args: ['a\0b'] })).toThrow(RangeError)
    expect(() => protocol.encodeRun({ args: ['a'], env: { A: '\0' } })).toThrow(RangeError)
    expect(() => protocol.encodeRun({ args: ['a', 'x'.repeat(65_536)] })).toThrow(RangeError)
  })

  test('decodes its events', () => {
    expect(protocol.decodeRunEvent(Buffer.concat([Buffer.of(1), field(1, u32(42))]))).toEqual({ kind: EventKind.STARTED, processId: 42 })
    expect(protocol.decodeRunEvent(Buffer.of(2))).toEqual({ kind: EventKind.WAITING_FOR_INPUT })
    for (const bad of [Buffer.of(3), Buffer.of(1), Buffer.of(2, 0)]) {
      expect(() => protocol.decodeRunEvent(bad)).toThrow(AgentProtocolError)
    }
  })

  const rest = Buffer.concat([
    field(3, u64(1n)), field(4, u64(2n)), field(5, u64(3n)), field(6, Buffer.of(2)), field(7, u32(4)), field(8, u64(5n)), field(9, u64(6n))
  ])
  const decoded = { wallUs: 1, cpuUs: 2, peakMemoryBytes: 3, reason: 'output_limit', oomKills: 4, stdoutBytes: 5, stderrBytes: 6 }

  test('decodes a result that exited and one that died by a signal', () => {
    expect(protocol.decodeRunResult(Buffer.concat([field(1, u32(3)), rest]))).toEqual({ exitCode: 3, ...decoded })
    const left = Buffer.from('0000002a027368000000070474616966', 'hex')
    expect(protocol.decodeRunResult(Buffer.concat([field(1, u32(3)), rest, field(10, left)])).left).toEqual([{ pid: 42, name: 'sh' }, { pid: 7, name: 'taif' }])
    for (let cut = 1; cut < 9; cut++) expect(() => protocol.decodeRunResult(Buffer.concat([field(1, u32(3)), rest, field(10, left.subarray(0, -cut))]))).toThrow(AgentProtocolError)
    expect(protocol.decodeRunResult(Buffer.concat([rest, field(2, u32(9))]))).toEqual({ signal: 9, ...decoded })
  })

  test.each<[string, Buffer]>([
    ['neither exit code nor signal', rest],
    ['both', Buffer.concat([rest, field(1, u32(0)), field(2, u32(9))])],
    ['an exit code of 256', Buffer.concat([rest, field(1, u32(256))])],
    ['a signal 65', Buffer.concat([rest, field(2, u32(65))])],
    ['a field twice', Buffer.concat([rest, field(1, u32(0)), field(1, u32(0))])],
    ['an unknown field', Buffer.concat([rest, field(1, u32(0)), field(10, u32(0))])],
    ['a field of the wrong length', Buffer.concat([rest, field(1, Buffer.of(0))])],
    ['an unknown reason', Buffer.concat([field(1, u32(0)), rest.subarray(0, 39), field(6, Buffer.of(6)), rest.subarray(45)])],
    ['a field cut off', Buffer.concat([field(1, u32(0)), rest]).subarray(0, -1)],
    ['a field without a length', Buffer.concat([field(1, u32(0)), rest, Buffer.of(1)])],
    ['a number that is not exact', Buffer.concat([field(1, u32(0)), field(3, u64(2n ** 53n)), rest.subarray(13)])],
    ['nothing', Buffer.alloc(0)]
  ])('refuses a result with %s', (_, payload) => {
    expect(() => protocol.decodeRunResult(payload)).toThrow(AgentProtocolError)
  })
})

test('a reset has no fields, and its result must have all of its own', () => {
  expect(protocol.encodeReset()).toEqual(Buffer.of(5))
  expect(protocol.decodeResetResult(field(1, u32(7)))).toEqual({ removedEntries: 7 })
  expect(() => protocol.decodeResetResult(Buffer.alloc(0))).toThrow(AgentProtocolError)
})

test('errors have a known code and a message', () => {
  expect(protocol.decodeError(Buffer.concat([Buffer.of(0, 5), Buffer.from('no such file')]))).toEqual({ code: ErrorCode.SPAWN, message: 'no such file' })
  for (const bad of [Buffer.of(0, 99), Buffer.of(1)]) expect(() => protocol.decodeError(bad)).toThrow(AgentProtocolError)
})

test('credits and signals are checked both ways', () => {
  expect(protocol.decodeCredit(protocol.encodeCredit(65_536))).toBe(65_536)
  expect(() => protocol.decodeCredit(Buffer.alloc(5))).toThrow(AgentProtocolError)
  expect(protocol.encodeSignal(15)).toEqual(Buffer.of(15))
  for (const bad of [0, 65, 1.5]) expect(() => protocol.encodeSignal(bad)).toThrow(RangeError)
})
