import { createGzip } from 'node:zlib'
import { buffer } from 'node:stream/consumers'
import { errors } from '../../../errors.ts'
import type { FileEntry } from '../../../sandbox/agent-protocol.ts'

/** What is known of something in a full snapshot, to tell later whether it has changed. */
export type IndexEntry = Pick<FileEntry, 'path' | 'type' | 'mode' | 'size' | 'mtimeNs' | 'inode' | 'target'>

const END = 'end'
/** A file that was changed as shortly before may be changed again within the same tick of its clock. */
const UNSURE_MS = 2_000n
const NEVER = -1n

/** Writes down what a full snapshot holds, in the order in which it is given. */
export function createIndexWriter (startedAtMs: number) {
  const gzip = createGzip({ level: 1 })
  const written = buffer(gzip)
  const unsureFromNs = (BigInt(startedAtMs) - UNSURE_MS) * 1_000_000n

  return {
    add: ({ path, type, mode, size, mtimeNs, inode, target }: FileEntry): void => {
      const time = mtimeNs >= unsureFromNs ? NEVER : mtimeNs
      const facts = [path.toString('latin1'), type, mode, size, time.toString(), inode.toString(), target?.toString('latin1') ?? null]
      gzip.write(`${JSON.stringify(facts)}\n`)
    },
    finish: async (): Promise<Buffer> => {
      gzip.end(`${END}\n`)
      return await written
    }
  }
}

/** Throws SNAPSHOT_DAMAGED where the end is missing. */
export async function * readIndex (bytes: AsyncIterable<Buffer>): AsyncGenerator<IndexEntry> {
  let isWhole = false
  for await (const line of linesOf(bytes)) {
    if (line === END) isWhole = true
    else yield parse(line)
  }
  if (!isWhole) throw new errors.SNAPSHOT_DAMAGED()
}

async function * linesOf (bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of bytes) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, start)) {
      yield text.toString('utf8', start, end)
      start = end + 1
    }
    rest = text.subarray(start)
  }
}

const NEWLINE = '\n'.charCodeAt(0)

function parse (line: string): IndexEntry {
  const [path, type, mode, size, mtimeNs, inode, target] = JSON.parse(line) as [string, FileEntry['type'], number, number, string, string, string | null]
  return {
    path: Buffer.from(path, 'latin1'),
    type,
    mode,
    size,
    mtimeNs: BigInt(mtimeNs),
    inode: BigInt(inode),
    ...(target === null ? {} : { target: Buffer.from(target, 'latin1') })
  }
}
