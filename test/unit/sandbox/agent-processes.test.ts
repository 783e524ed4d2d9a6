import { describe, expect, it } from 'vitest'
import { AgentProtocolError, decodeAttachEvent, decodeAttachResult, decodeProcessChange, decodeProcesses, decodeStartResult, encodeAttach, encodeControl, encodeStart, EventKind, Operation } from '../../../src/sandbox/agent-protocol.ts'

const u = (bytes: number, value: number | bigint): Buffer => {
  const buffer = Buffer.alloc(bytes)
  for (let left = BigInt(value), at = bytes - 1; at >= 0; at--, left >>= 8n) buffer[at] = Number(left & 0xffn)
  return buffer
}
const text8 = (text: string): Buffer => Buffer.concat([u(1, Buffer.byteLength(text)), Buffer.from(text)])
const text16 = (text: string): Buffer => Buffer.concat([u(2, Buffer.byteLength(text)), Buffer.from(text)])
const field = (tag: number, value: Buffer): Buffer => Buffer.concat([u(1, tag), u(4, value.length), value])

const kept = ({ state = 3, status = [0, 7], hasTty = 1, restart = 1, end = 20n }: { state?: number, status?: [number, number], hasTty?: number, restart?: number, end?: bigint } = {}): Buffer =>
  Buffer.concat([u(1, 1), text8('id'), text16('{}'), u(1, state), u(4, 0), u(1, status[0]), u(1, status[1]), u(8, 1000), u(8, 2000), u(4, 3), u(1, hasTty), u(4, 80 << 16 | 24), u(1, restart), u(8, 10), u(8, end), u(4, 2), u(8, 30)])
const running = (owner = 'id'): Buffer =>
  Buffer.concat([u(1, 2), u(4, 12), u(4, 1), u(8, 99), u(8, 50), u(8, 4096), text8(owner), text8('sh'), text16('sh\0-c\0\0')])

describe('the list of processes', () => {
  it('has those that are kept and those that run', () => {
    expect(decodeProcesses(Buffer.concat([kept(), running(), running('')]))).toEqual([
      { kind: 'kept', id: 'id', label: '{}', state: 'ended', pid: 0, exitCode: 7, signal: undefined, startedAt: 1000, endedAt: 2000, restarts: 3, restart: 'on-failure', size: { cols: 80, rows: 24 }, output: { first: 10, end: 20 }, isBusy: false, attached: 2, quietMs: 30 },
      { kind: 'running', pid: 12, parent: 1, startTicks: 99, cpuMs: 50, residentBytes: 4096, owner: 'id', name: 'sh', command: ['sh', '-c', ''] },
      expect.objectContaining({ kind: 'running', owner: undefined })
    ])
    expect(decodeProcesses(Buffer.alloc(0))).toEqual([])
  })

  it.each<[string, Buffer, object]>([
    ['a signal', kept({ status: [9, 0] }), { exitCode: undefined, signal: 9 }],
    ['no end yet', kept({ state: 0, status: [255, 255] }), { state: 'running', exitCode: undefined, signal: undefined }],
    ['a job in the foreground', kept({ hasTty: 3 }), { size: { cols: 80, rows: 24 }, isBusy: true }],
    ['no terminal', kept({ hasTty: 0 }), { size: undefined }]
  ])('tells %s', (_name, payload, expected) => {
    expect(decodeProcesses(payload)[0]).toMatchObject(expected)
  })

  it('does not believe what cannot be, nor what is cut off anywhere', () => {
    for (const payload of [u(1, 3), kept({ state: 4 }), kept({ restart: 3 }), kept({ end: 2n ** 60n })]) expect(() => decodeProcesses(payload)).toThrow(AgentProtocolError)
    for (const whole of [kept(), running()]) {
      for (let length = 1; length < whole.length; length++) expect(() => decodeProcesses(whole.subarray(0, length))).toThrow(AgentProtocolError)
    }
  })
})

describe('a change of a process', () => {
  const changed = (...fields: Buffer[]): Buffer => Buffer.concat([Buffer.of(EventKind.CHANGED), ...fields])

  it('has its number and the process', () => {
    expect(decodeProcessChange(changed(field(1, u(8, 5)), field(2, kept())))).toMatchObject({ number: 5, process: { id: 'id', exitCode: 7 } })
  })

  it.each<[string, Buffer]>([
    ['another event', Buffer.of(EventKind.POSITION)],
    ['no number', changed(field(2, kept()))],
    ['no process', changed(field(1, u(8, 5)), field(2, Buffer.alloc(0)))],
    ['one that nobody keeps', changed(field(1, u(8, 5)), field(2, running()))],
    ['half a process', changed(field(1, u(8, 5)), field(2, kept().subarray(0, 20)))]
  ])('is not %s', (_what, payload) => {
    expect(() => decodeProcessChange(payload)).toThrow(AgentProtocolError)
  })
})

describe('what is asked of PID 1', () => {
  it('is told what to start, and where', () => {
    expect(encodeStart({ args: ['a', 'b'], env: { C: 'd' }, cwd: 'e', id: 'f', label: 'g', size: { cols: 1000, rows: 2 }, restart: 'always', patienceMs: 3 })).toEqual(Buffer.concat([
      u(1, Operation.START), field(1, Buffer.from('a')), field(1, Buffer.from('b')), field(2, Buffer.from('C=d')), field(3, Buffer.from('e')),
      field(16, Buffer.from('f')), field(17, Buffer.from('g')), field(18, u(4, 1000 * 65536 + 2)), field(19, u(4, 2)), field(20, u(4, 3))
    ]))
    expect(() => encodeStart({ args: ['a'.repeat(70_000)], id: 'f', label: '', restart: 'never' })).toThrow(RangeError)
    expect(() => encodeStart({ args: ['a\0'], id: 'f', label: '', restart: 'never' })).toThrow(RangeError)
  })

  it('is told how to attach, and what to do', () => {
    expect(encodeAttach({ id: 'f', from: 5, holds: true, closesInput: true })).toEqual(Buffer.concat([u(1, Operation.ATTACH), field(1, Buffer.from('f')), field(2, u(8, 5)), field(3, u(4, 5))]))
    expect(encodeAttach({ id: 'f', untilNow: true, withoutOutput: true })).toEqual(Buffer.concat([u(1, Operation.ATTACH), field(1, Buffer.from('f')), field(3, u(4, 10))]))
    expect(encodeControl({ id: 'f', stopMs: 7, restart: true, forget: false })).toEqual(Buffer.concat([u(1, Operation.CONTROL), field(1, Buffer.from('f')), field(4, u(4, 7)), field(6, u(1, 1))]))
  })

  it('answers', () => {
    expect(decodeStartResult(Buffer.concat([field(1, u(4, 12)), field(2, u(8, 34))]))).toEqual({ pid: 12, startedAt: 34 })
    expect(() => decodeStartResult(field(1, u(4, 12)))).toThrow(AgentProtocolError)
    expect(decodeAttachEvent(Buffer.concat([u(1, EventKind.POSITION), field(1, u(8, 5))]))).toEqual({ position: 5 })
    expect(decodeAttachEvent(Buffer.concat([u(1, EventKind.SIZE), field(1, u(8, 80 * 65536 + 24))]))).toEqual({ size: { cols: 80, rows: 24 } })
    expect(() => decodeAttachEvent(Buffer.concat([u(1, 1), field(1, u(8, 5))]))).toThrow(AgentProtocolError)
    expect(decodeAttachResult(Buffer.concat([field(1, u(8, 5)), field(3, u(4, 9))]))).toEqual({ position: 5, exitCode: undefined, signal: 9 })
    expect(() => decodeAttachResult(Buffer.alloc(0))).toThrow(AgentProtocolError)
  })
})
