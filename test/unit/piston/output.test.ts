import { describe, expect, it } from 'vitest'
import { createOutputCollector } from '../../../src/runtime/protocols/piston/output.ts'

describe('output of a stage', () => {
  it('is kept by stream and in the order in which it came', () => {
    const collector = createOutputCollector(100)
    collector.add('stdout', Buffer.from('1 '))
    collector.add('stderr', Buffer.from('2 '))
    collector.add('stdout', Buffer.from('3 '))
    expect(collector.text()).toEqual({ stdout: '1 3 ', stderr: '2 ', output: '1 2 3 ' })
  })

  it('keeps a character whole that the other stream comes into', () => {
    const collector = createOutputCollector(100)
    const [first, second] = [Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1)]
    collector.add('stdout', first)
    collector.add('stderr', Buffer.from('!'))
    collector.add('stdout', second)
    expect(collector.text()).toEqual({ stdout: 'ü', stderr: '!', output: '!ü' })
  })

  it('has U+FFFD for what is no UTF-8, also at the end', () => {
    const collector = createOutputCollector(100)
    collector.add('stdout', Buffer.of(0xff))
    collector.add('stderr', Buffer.of(0xc3))
    expect(collector.text()).toEqual({ stdout: '\ufffd', stderr: '\ufffd', output: '\ufffd\ufffd' })
  })

  it('is dropped beyond the limit of each stream', () => {
    const collector = createOutputCollector(3)
    for (const stream of ['stdout', 'stderr'] as const) {
      collector.add(stream, Buffer.from('ab'))
      collector.add(stream, Buffer.from('cd'))
      collector.add(stream, Buffer.from('ef'))
    }
    expect(collector.text()).toEqual({ stdout: 'abc', stderr: 'abc', output: 'abcabc' })
  })
})
