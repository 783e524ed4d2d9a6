import { createGunzip } from 'node:zlib'
import { pipeline, Readable } from 'node:stream'
import { errors } from '../../errors.ts'

const GZIP = Buffer.of(0x1f, 0x8b)
/** gzip reaches 1:1030, programs and texts about 1:10. The first bytes are free, since short runs of zeros are common. */
const HIGHEST_RATIO = 200
const FREE_BYTES = 16 * 1024 * 1024

/** The bytes of a tar, which may come as they are or in gzip, told by how they begin. Throws BAD_ARCHIVE where gzip is broken or is a bomb. */
export async function * decompress (source: AsyncIterable<Buffer>, highestRatio = HIGHEST_RATIO): AsyncGenerator<Buffer> {
  let compressed = 0
  const chunks = count(source, (bytes) => { compressed += bytes })
  const first = await readFirst(chunks)
  const rest = concat(first, chunks)
  if (!first.subarray(0, GZIP.length).equals(GZIP)) {
    yield * rest
    return
  }
  let expanded = 0
  for await (const chunk of gunzip(rest)) {
    expanded += chunk.length
    if (expanded > FREE_BYTES + highestRatio * compressed) throw new errors.ARCHIVE_TOO_LARGE('it expands to far more than it is')
    yield chunk
  }
}

async function * count (source: AsyncIterable<Buffer>, add: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    add(chunk.length)
    yield chunk
  }
}

/** At least as many bytes as tell gzip, if there are so many. */
async function readFirst (chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  let first: Buffer = Buffer.alloc(0)
  while (first.length < GZIP.length) {
    const next = await chunks.next()
    if (next.done === true) break
    first = Buffer.concat([first, next.value])
  }
  return first
}

async function * concat (first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first
  yield * rest
}

async function * gunzip (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let failure: Error | undefined
  const unzipped = pipeline(Readable.from(watch(source, (error) => { failure = error as Error })), createGunzip(), () => undefined)
  try {
    yield * unzipped as AsyncIterable<Buffer>
  } catch (error) {
    throw failure ?? new errors.BAD_ARCHIVE(`it is no whole gzip (${error instanceof Error ? error.message : 'broken'})`)
  }
}

async function * watch (source: AsyncIterable<Buffer>, onError: (error: unknown) => void): AsyncGenerator<Buffer> {
  try {
    yield * source
  } catch (error) {
    onError(error)
    throw error
  }
}
