import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'

const PIECE_CHARACTERS = 64 * 1024

/**
 * JSON in pieces, with a turn of the event loop for others after each long one: a string of 16 MB takes up to a second to
 * write down at once, when it is made of control characters.
 */
export function streamJson (value: unknown): Readable {
  return Readable.from(encode(value), { objectMode: false })
}

async function * encode (value: unknown): AsyncGenerator<string> {
  if (typeof value === 'string' && value.length > PIECE_CHARACTERS) {
    yield '"'
    for (let at = 0; at < value.length; at += PIECE_CHARACTERS) {
      // Half a surrogate pair is written as an escape, and its other half after it: together they are read as the pair.
      yield JSON.stringify(value.slice(at, at + PIECE_CHARACTERS)).slice(1, -1)
      await nextTurn()
    }
    yield '"'
  } else if (Array.isArray(value)) {
    yield * encodeList('[', value.map((item) => ['', item]), ']')
  } else if (typeof value === 'object' && value !== null) {
    yield * encodeList('{', Object.entries(value).filter(([, item]) => item !== undefined).map(([name, item]) => [`${JSON.stringify(name)}:`, item]), '}')
  } else {
    yield JSON.stringify(value)
  }
}

async function * encodeList (open: string, items: ReadonlyArray<readonly [string, unknown]>, close: string): AsyncGenerator<string> {
  yield open
  for (const [index, [prefix, item]] of items.entries()) {
    yield `${index === 0 ? '' : ','}${prefix}`
    yield * encode(item)
  }
  yield close
}
