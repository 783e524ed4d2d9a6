import { describe, expect, it } from 'vitest'
import { createFrameDecoder, FrameError, type FrameType } from '../../../src/docker/frames.ts'
import { frame } from '../../support/fake-engine.ts'

function decode (chunks: Buffer[]) {
  const pieces: Array<[FrameType, string]> = []
  const text: Record<number, string> = {}
  const decoder = createFrameDecoder((type, piece) => {
    pieces.push([type, piece.toString('latin1')])
    text[type] = (text[type] ?? '') + piece.toString('latin1')
  })
  for (const chunk of chunks) decoder.push(chunk)
  return { pieces, text, end: decoder.end }
}

const conversation = Buffer.concat([frame(1, 'out one,'), frame(2, 'err'), frame(1, ''), frame(0, ' out two'), frame(3, 'lost')])
const expected = { 0: ' out two', 1: 'out one,', 2: 'err', 3: 'lost' }

describe('the frame decoder', () => {
  it('decodes the same whatever the chunk size', () => {
    for (let size = 1; size <= conversation.length; size++) {
      const chunks = []
      for (let at = 0; at < conversation.length; at += size) chunks.push(conversation.subarray(at, at + size))
      const { text, end } = decode(chunks)
      expect(text).toEqual(expected)
      expect(end).not.toThrow()
    }
  })

  it('decodes the same wherever the stream is cut in two', () => {
    for (let at = 0; at <= conversation.length; at++) {
      expect(decode([conversation.subarray(0, at), conversation.subarray(at)]).text).toEqual(expected)
    }
  })

  it('takes the length for unsigned and buffers nothing of a frame that declares 4 GB', () => {
    const header = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])
    const remainders: number[] = []
    const decoder = createFrameDecoder((_type, _piece, remaining) => remainders.push(remaining))
    decoder.push(header)
    decoder.push(Buffer.from('abc'))
    expect(remainders).toEqual([0xffffffff - 3])
    expect(decoder.end).toThrow('inside a frame, 4294967292 bytes short')
  })

  it('hands out views of the chunk and not copies', () => {
    const chunk = frame(1, 'payload')
    const decoder = createFrameDecoder((_type, piece) => {
      expect(piece.buffer).toBe(chunk.buffer)
      expect(piece.byteOffset).toBe(chunk.byteOffset + 8)
    })
    decoder.push(chunk)
    expect.assertions(2)
  })

  it('refuses to end inside a header', () => {
    const { end } = decode([conversation, Buffer.from([1, 0, 0])])
    expect(end).toThrow(new FrameError('the stream ended inside a frame header'))
  })

  it.each([
    ['an unknown type', Buffer.from([4, 0, 0, 0, 0, 0, 0, 1])],
    ['bytes where the header has zeros', Buffer.from([1, 0, 1, 0, 0, 0, 0, 1])],
    ['text of a TTY', Buffer.from('root@sandbox:~# ')]
  ])('refuses %s', (_name, bytes) => {
    expect(() => decode([bytes])).toThrow(FrameError)
  })
})
