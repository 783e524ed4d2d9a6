import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { OperationError } from '../errors.ts'
import { CHECKSUMS } from './manifest.ts'

export interface ArchivedFile {
  readonly name: string
  /** To be read before the next file is asked for; what is left of it is skipped. */
  readonly content: AsyncIterable<Buffer>
}

const CHECKSUMS_MOST_BYTES = 256 * 1024 ** 2

/** The files of an archive in their order, each put together from its pieces as they come. */
export async function * readFiles (bytes: Readable): AsyncGenerator<ArchivedFile> {
  const tar = extract()
  pipeline(bytes, tar, () => undefined)
  const entries = tar[Symbol.asyncIterator]()
  let next = await entries.next().catch(explain)
  const folder = (): string | undefined => next.done === true ? undefined : posix.dirname((next.value as { header: { name: string } }).header.name)

  async function * pieces (name: string): AsyncGenerator<Buffer> {
    while (folder() === name) {
      const chunks = (next.value as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
      for (let chunk = await chunks.next().catch(explain); chunk.done !== true; chunk = await chunks.next().catch(explain)) yield chunk.value
      next = await entries.next().catch(explain)
    }
  }

  try {
    for (let name = folder(); name !== undefined; name = folder()) {
      const content = pieces(name)
      yield { name, content }
      for await (const left of content) void left
      // A reader that has left the content in the middle.
      if (folder() === name) throw new Error(`${name} was not read to its end`)
    }
  } finally {
    bytes.destroy()
  }
}

/** Hands each file to the work, and throws unless all of them are there, once each, as they were written. */
export async function verifyFiles (files: AsyncIterable<ArchivedFile>, work: (file: ArchivedFile) => Promise<void>): Promise<void> {
  const found = new Map<string, string>()
  let written: string | undefined
  for await (const { name, content } of files) {
    if (written !== undefined || found.has(name)) throw damaged(`has ${name} where nothing should be`)
    if (name === CHECKSUMS) {
      written = (await buffer(upTo(content, CHECKSUMS_MOST_BYTES))).toString()
      continue
    }
    const hash = createHash('sha256')
    const rest = hashed(content, hash)
    await work({ name, content: rest })
    for await (const left of rest) void left
    found.set(name, hash.digest('hex'))
  }
  if (written === undefined) throw damaged('ends before its end')
  for (const line of written.split('\n').slice(0, -1)) {
    const [checksum, name = ''] = line.split('  ')
    if (found.get(name) !== checksum) throw damaged(found.has(name) ? `has another ${name} than was written` : `lacks ${name}`)
    found.delete(name)
  }
  const [unknown] = found.keys()
  if (unknown !== undefined) throw damaged(`has no checksum of ${unknown}`)
}

async function * hashed (content: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    hash.update(chunk)
    yield chunk
  }
}

/** Of a small file. */
export async function readSmall ({ name, content }: ArchivedFile, mostBytes: number): Promise<string> {
  return (await buffer(upTo(content, mostBytes, name))).toString()
}

async function * upTo (content: AsyncIterable<Buffer>, mostBytes: number, name = CHECKSUMS): AsyncGenerator<Buffer> {
  let size = 0
  for await (const chunk of content) {
    size += chunk.length
    if (size > mostBytes) throw damaged(`has a ${name} of more than ${mostBytes} bytes`)
    yield chunk
  }
}

/** What the tar, gzip or age say of bytes that are not theirs. */
function explain (error: unknown): never {
  throw error instanceof OperationError ? error : Object.assign(damaged(`cannot be read (${error instanceof Error ? error.message : String(error)})`), { cause: error })
}

const damaged = (how: string): OperationError => new OperationError(`the archive is damaged: it ${how}. Nothing was changed; take another backup`)
