import { DockerError, errorFromCause } from './errors.ts'

const newline = 0x0a
const defaultMaxLineBytes = 4 * 1024 * 1024

/**
 * Splits a byte stream into lines. A line is decoded only once it is whole, so that no split hurts a character;
 * one longer than `maxLineBytes` is an error rather than memory.
 */
export async function * readLines (source: AsyncIterable<Uint8Array>, operation: string, maxLineBytes = defaultMaxLineBytes): AsyncGenerator<string, void, undefined> {
  let parts: Uint8Array[] = []
  let length = 0
  const keep = (part: Uint8Array) => {
    length += part.length
    if (length > maxLineBytes) {
      throw new DockerError({ code: 'protocol', operation, message: `a line of the answer is longer than ${maxLineBytes} bytes` })
    }
    parts.push(part)
  }
  const take = () => {
    const line = Buffer.concat(parts, length).toString('utf8').trim()
    parts = []
    length = 0
    return line
  }

  try {
    for await (const chunk of source) {
      let start = 0
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        keep(chunk.subarray(start, end))
        start = end + 1
        const line = take()
        if (line !== '') yield line
      }
      if (start < chunk.length) keep(chunk.subarray(start))
    }
  } catch (cause) {
    throw errorFromCause(operation, cause)
  }
  const last = take()
  if (last !== '') yield last
}

/** The Engine's progress streams: one JSON value a line. */
export async function * readJsonLines<T> (source: AsyncIterable<Uint8Array>, operation: string, maxLineBytes?: number): AsyncGenerator<T, void, undefined> {
  for await (const line of readLines(source, operation, maxLineBytes)) yield parseLine<T>(line, operation)
}

export function parseLine<T> (line: string, operation: string): T {
  try {
    return JSON.parse(line) as T
  } catch (cause) {
    throw new DockerError({ code: 'protocol', operation, message: 'a line of the answer is not JSON', cause })
  }
}
