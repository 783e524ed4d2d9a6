import { describe, expect, it } from 'vitest'
import { createEventEncoder } from '../../../src/projects/processes/logs.ts'
import { encodeLabel, presentProcess } from '../../../src/projects/processes/present.ts'
import type { KeptProcess } from '../../../src/sandbox/agent-protocol.ts'

describe('a process\'s output as events', () => {
  it('tells no half character, and an id after which everything can be had again', () => {
    const encoder = createEventEncoder()
    const euro = Buffer.from('a€😀')
    const told: string[] = []
    for (let at = 0; at < euro.length; at++) told.push(String(encoder.output('stdout', euro.subarray(at, at + 1), at + 1)))
    expect(told.filter((text) => text !== '').map((text) => [/id: (\d+)/.exec(text)?.[1], /"data":"(.*)"/.exec(text)?.[1]])).toEqual([['1', 'a'], ['4', '€'], ['8', '😀']])
  })

  it('keeps the streams apart', () => {
    const encoder = createEventEncoder()
    expect(encoder.output('stdout', Buffer.from([0xe2]), 1)).toBe('')
    expect(encoder.output('stderr', Buffer.from('x'), 2)).toContain('"data":"x"')
    expect(encoder.output('stdout', Buffer.from([0x82, 0xac]), 4)).toContain('"data":"€"')
  })

  it('waits for nothing after what is no UTF-8', () => {
    const encoder = createEventEncoder()
    expect(encoder.output('stdout', Buffer.from([0x80, 0x80, 0x80, 0x80]), 4)).toContain('"data":"����"')
    expect(encoder.output('stdout', Buffer.from([0xff]), 5)).toBe('')
    expect(encoder.output('stdout', Buffer.from('abcd'), 9)).toContain('abcd')
  })

  it('tells where bytes were lost', () => {
    expect(createEventEncoder().position(7, 0)).toBe('')
    expect(createEventEncoder().position(7, 3)).toBe('event: lost\nid: 7\ndata: {"bytes":3}\n\n')
  })
})

describe('a process in a list', () => {
  const process: KeptProcess = { kind: 'kept', id: 'p', label: '', state: 'running', pid: 5, exitCode: undefined, signal: undefined, startedAt: 0, endedAt: 0, restarts: 0, restart: 'never', size: undefined, isBusy: false, attached: 0, quietMs: 0, output: { first: 0, end: 0 } }
  const nothing = { kept: [], running: [], ports: [] }

  it('says what it was started as', () => {
    const label = encodeLabel({ name: 'n', cmd: ['a'], cwd: 'c', keep: true, keepAwake: false })
    expect(presentProcess({ ...process, label }, nothing)).toMatchObject({ name: 'n', cmd: ['a'], cwd: 'c', keep: true, keepAwake: false, startedAt: null })
  })

  it.each(['', '{', '{"name":1}', '[]', '{"name":null,"cmd":"x","cwd":null,"keep":true,"keepAwake":false,"more":1}'])('does not believe a guest\'s %j', (label) => {
    expect(presentProcess({ ...process, label }, nothing)).toMatchObject({ name: null, cmd: '', keep: false })
  })

  it('fits what the agent takes, whatever was asked for', () => {
    for (const cmd of ['ä'.repeat(100_000), Array.from({ length: 256 }, () => '\u0001'.repeat(1000))]) {
      const label = encodeLabel({ name: '"'.repeat(64), cmd, cwd: '\u0001'.repeat(4096), keep: false, keepAwake: false })
      expect(Buffer.byteLength(label)).toBeLessThanOrEqual(4096)
      expect(presentProcess({ ...process, label }, nothing)).toMatchObject({ name: '"'.repeat(64) })
    }
  })
})
