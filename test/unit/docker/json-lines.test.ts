import { describe, expect, it } from 'vitest'
import { readJsonLines } from '../../../src/docker/json-lines.ts'

async function * chunksOf (...chunks: Array<Buffer | Error>): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk
    yield chunk
  }
}

function read (...chunks: Array<Buffer | Error>): Promise<unknown[]> {
  return collect(readJsonLines(chunksOf(...chunks), 'imageBuild', 64))
}

async function collect (values: AsyncIterable<unknown>): Promise<unknown[]> {
  const collected = []
  for await (const value of values) collected.push(value)
  return collected
}

const stream = Buffer.from('{"stream":"één € 😀"}\r\n\n{"id":1}\n{"last":true}')
const expected = [{ stream: 'één € 😀' }, { id: 1 }, { last: true }]

describe('JSON lines', () => {
  it('reads the same wherever the stream is cut, inside a character too', async () => {
    for (let at = 0; at <= stream.length; at++) {
      expect(await read(stream.subarray(0, at), stream.subarray(at))).toEqual(expected)
    }
  })

  it('reads the same byte by byte', async () => {
    expect(await read(...Array.from(stream, (byte) => Buffer.from([byte])))).toEqual(expected)
  })

  it('reads nothing from an empty stream', async () => {
    expect(await read()).toEqual([])
  })

  it('refuses a line longer than its limit before it has all of it', async () => {
    await expect(read(Buffer.alloc(40, 0x20), Buffer.alloc(40, 0x20), new Error('read on'))).rejects.toMatchObject({
      code: 'protocol', operation: 'imageBuild', message: 'imageBuild: a line of the answer is longer than 64 bytes'
    })
  })

  it('refuses what is not JSON', async () => {
    await expect(read(Buffer.from('{"a":1}\n<html>\n'))).rejects.toMatchObject({ code: 'protocol' })
  })

  it('says that the connection was lost, and why', async () => {
    const cause = new Error('other side closed')
    await expect(read(Buffer.from('{"a":1}\n'), cause)).rejects.toMatchObject({ code: 'unavailable', cause })
  })
})
