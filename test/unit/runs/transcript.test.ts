import { describe, expect, it, vi, afterEach, beforeEach } from 'vitest'
import { completeUtf8Length } from '../../../src/lib/utf8.ts'
import { createTranscript, type OutputMessage } from '../../../src/runtime/runs/transcript.ts'

function transcribe (limitBytes = 1_000_000) {
  const messages: OutputMessage[] = []
  let nowMs = 0
  const transcript = createTranscript({ limitBytes, onMessage: (message) => messages.push(message), now: () => nowMs })
  return {
    transcript,
    messages,
    shown: () => messages.map(({ seq, stream, bytes }) => [seq, stream, bytes.toString()]),
    pass: (ms: number) => {
      nowMs += ms
      vi.advanceTimersByTime(ms)
    }
  }
}

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('transcript', () => {
  it('passes on at once what comes after a pause, and puts together what follows closely', () => {
    const { transcript, shown, pass } = transcribe()
    transcript.add('run', 'stdout', Buffer.from('a'))
    expect(shown()).toEqual([[1, 'stdout', 'a']])
    transcript.add('run', 'stdout', Buffer.from('b'))
    transcript.add('run', 'stdout', Buffer.from('c'))
    expect(shown()).toHaveLength(1)
    pass(16)
    expect(shown()).toEqual([[1, 'stdout', 'a'], [2, 'stdout', 'bc']])
    pass(100)
    transcript.add('run', 'stdout', Buffer.from('d'))
    expect(shown().at(-1)).toEqual([3, 'stdout', 'd'])
  })

  it('keeps the order between the streams', () => {
    const { transcript, shown } = transcribe()
    for (const [stream, text] of [['stdout', 'a'], ['stderr', 'b'], ['stdout', 'c'], ['stdout', 'd']] as const) transcript.add('run', stream, Buffer.from(text))
    transcript.flush()
    expect(shown()).toEqual([[1, 'stdout', 'a'], [2, 'stderr', 'b'], [3, 'stdout', 'cd']])
  })

  it('makes few messages of many writes that change the stream each time', () => {
    const { transcript, messages, pass } = transcribe()
    for (let i = 0; i < 1_000; i++) transcript.add('run', i % 2 === 0 ? 'stdout' : 'stderr', Buffer.from('x'))
    pass(16)
    expect(messages.length).toBeLessThan(12)
    expect(transcript.bytes('run', 'stdout')).toHaveLength(500)
    expect(transcript.bytes('run', 'stderr')).toHaveLength(500)
  })

  it('slows down for a program that never stops writing', () => {
    const { transcript, messages, pass } = transcribe()
    for (let ms = 0; ms < 600_000; ms += 8) {
      transcript.add('run', 'stdout', Buffer.from('x'))
      pass(8)
    }
    expect(messages.length).toBeLessThan(30_000)
    expect(transcript.bytes('run', 'stdout').length).toBeGreaterThan(70_000)
  })

  it('does not hold back what is large', () => {
    const { transcript, messages } = transcribe()
    transcript.add('run', 'stdout', Buffer.from('first'))
    transcript.add('run', 'stdout', Buffer.alloc(64 * 1024))
    expect(messages).toHaveLength(2)
  })

  it.each([1, 2, 3, 5])('never splits a character, whatever the size of the pieces: %d bytes', (size) => {
    const { transcript, messages, pass } = transcribe()
    const text = 'aé€𝄞-'.repeat(5)
    const bytes = Buffer.from(text)
    for (let i = 0; i < bytes.length; i += size) {
      transcript.add('run', 'stdout', bytes.subarray(i, i + size))
      pass(50)
    }
    transcript.end()
    expect(messages.map((message) => message.bytes.toString()).join('')).toBe(text)
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_message, i) => i + 1))
  })

  it('passes on what is left of a character at the end', () => {
    const { transcript, shown } = transcribe()
    transcript.add('run', 'stdout', Buffer.of(0xe2, 0x82))
    expect(shown()).toEqual([])
    transcript.end()
    expect(shown()).toEqual([[1, 'stdout', '\ufffd']])
    expect(transcript.bytes('run', 'stdout')).toEqual(Buffer.of(0xe2, 0x82))
  })

  it('keeps each stream of each stage to the limit', () => {
    const { transcript } = transcribe(4)
    transcript.add('compile', 'stdout', Buffer.from('compiled'))
    transcript.end()
    transcript.add('run', 'stdout', Buffer.from('123456'))
    transcript.add('run', 'stdout', Buffer.from('7'))
    transcript.add('run', 'stderr', Buffer.from('ab'))
    transcript.end()
    expect(['compile', 'run'].map((stage) => transcript.bytes(stage as 'run', 'stdout').toString())).toEqual(['comp', '1234'])
    expect(transcript.bytes('run', 'stderr').toString()).toBe('ab')
    expect(transcript.size()).toBe(10)
  })

  it('keeps no larger piece of memory than what was printed', () => {
    const { transcript, messages } = transcribe()
    transcript.add('run', 'stdout', Buffer.alloc(10 * 1024 ** 2).subarray(0, 3))
    expect(messages[0]?.bytes.buffer.byteLength).toBeLessThan(64 * 1024)
  })
})

describe('completeUtf8Length', () => {
  it.each<[string, number[], number]>([
    ['nothing', [], 0],
    ['plain text', [0x61, 0x62], 2],
    ['a whole character', [0xe2, 0x82, 0xac], 3],
    ['one of two bytes', [0x61, 0xc3], 1],
    ['two of three bytes', [0x61, 0xe2, 0x82], 1],
    ['three of four bytes', [0xf0, 0x9d, 0x84], 0],
    ['continuations without a beginning', [0x80, 0x80, 0x80, 0x80], 4],
    ['a byte that begins nothing', [0x61, 0xff], 2],
    ['an overlong beginning', [0xc0], 1]
  ])('of %s', (_name, bytes, length) => {
    expect(completeUtf8Length(Uint8Array.from(bytes))).toBe(length)
  })
})
