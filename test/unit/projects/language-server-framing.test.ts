import { describe, expect, it } from 'vitest'
import { createDeframer, frameMessage, FramingError } from '../../../src/projects/language-servers/framing.ts'

describe('messages of a language server', () => {
  const messages = ['{}', '{"a":"ä"}', '', 'x'.repeat(5000)]
  const bytes = Buffer.concat([frameMessage('{}'), Buffer.from('content-type: x; y\r\nCONTENT-LENGTH:  10\r\n\r\n{"a":"ä"}'), frameMessage(''), frameMessage('x'.repeat(5000))])

  it.each([1, 2, 3, 7, 1000, 100_000])('are put together again from pieces of %i bytes', (size) => {
    const deframe = createDeframer(10_000)
    const found: string[] = []
    for (let at = 0; at < bytes.length; at += size) found.push(...deframe(bytes.subarray(at, at + size)))
    expect(found).toEqual(messages)
  })

  it.each<[string, string]>([
    ['no headers', 'x'.repeat(5000)],
    ['no length', 'Content-Type: x\r\n\r\n'],
    ['no number', 'Content-Length: -1\r\n\r\n'],
    ['too long a number', 'Content-Length: 99999999999\r\n\r\n'],
    ['too much', 'Content-Length: 10001\r\n\r\n']
  ])('with %s are refused', (_name, text) => {
    expect(() => createDeframer(10_000)(Buffer.from(text))).toThrow(FramingError)
  })

  it('take linear time, however they are cut', () => {
    const large = frameMessage('x'.repeat(4 * 1024 ** 2))
    const deframe = createDeframer(8 * 1024 ** 2)
    const started = process.cpuUsage()
    let found = 0
    for (let at = 0; at < large.length; at += 64) found += deframe(large.subarray(at, at + 64)).length
    expect(found).toBe(1)
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000)
  })
})
