import { PassThrough, type Readable } from 'node:stream'
import tar from 'tar-stream'
import type { FileEntry } from '../../../sandbox/agent-protocol.ts'
import { FileChangedError } from './errors.ts'
import { bytesRecord, removalRecord, timeRecord, type PaxRecords } from './pax.ts'
import { isRemoval, type ProjectFile, type Removal } from './project-files.ts'
import { roomIn } from './room.ts'

type Header = Partial<tar.Header> & { name: string, pax: PaxRecords }

const USER_ID = 1000
const NOTHING = Buffer.alloc(0)
const BUFFERED_BYTES = 256 * 1024

/**
 * A tar of the files, made as fast as it is read. It ends with an error, never early, when a file cannot be read to its end.
 * `onAdded` is told of all that is in it.
 */
export function packTar (files: AsyncIterable<ProjectFile | Removal>, onAdded: (entry: FileEntry) => void = () => undefined): Readable {
  const output = new PassThrough({ highWaterMark: BUFFERED_BYTES })
  const pack = tar.pack()
  // Directories and links are pushed however much waits, so what comes out is counted here, and waited for below.
  pack.on('data', (chunk) => output.write(chunk))
  pack.on('end', () => output.end())
  pack.on('error', (error: Error) => output.destroy(error))
  output.on('close', () => pack.destroy())
  addAll(pack, files, output, onAdded).catch((error: unknown) => output.destroy(error as Error))
  return output
}

async function addAll (pack: tar.Pack, files: AsyncIterable<ProjectFile | Removal>, output: PassThrough, onAdded: (entry: FileEntry) => void): Promise<void> {
  for await (const file of files) {
    if (isRemoval(file)) await addWhole(pack, headerOfRemoval(file.removed), NOTHING)
    else if (await addFile(pack, file, output)) onAdded(file.entry)
    await roomIn(output)
  }
  pack.finalize()
}

async function addWhole (pack: tar.Pack, header: Header, content: Buffer | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null): void => error == null ? resolve() : reject(error)
    if (content === undefined) pack.entry(header, done)
    else pack.entry(header, content, done)
  })
}

async function addFile (pack: tar.Pack, { entry, content, open }: ProjectFile, output: PassThrough): Promise<boolean> {
  if (open !== undefined) return await addLarge(pack, entry, open, output)
  await addWhole(pack, headerOf(entry), content)
  return true
}

async function addLarge (pack: tar.Pack, entry: FileEntry, open: NonNullable<ProjectFile['open']>, output: PassThrough): Promise<boolean> {
  const opened = await open()
  if (opened === undefined) return false
  const { size, bytes } = opened
  const sink = pack.entry(headerOf({ ...entry, size }))
  let written = 0
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    written += chunk.length
    sink.write(chunk)
    await roomIn(output)
  }
  if (written !== size) throw new FileChangedError(`${JSON.stringify(entry.path.toString())} became shorter while it was read`)
  sink.end(null)
  return true
}

function headerOfRemoval (path: Buffer): Header {
  return { name: path.toString(), type: 'file', size: 0, uid: USER_ID, gid: USER_ID, pax: { ...bytesRecord('path', path), ...removalRecord } }
}

function headerOf ({ path, type, mode, size, mtimeNs, target }: FileEntry): Header {
  return {
    name: path.toString() + (type === 'directory' ? '/' : ''),
    type: type === 'file' ? 'file' : type === 'directory' ? 'directory' : 'symlink',
    mode,
    size: type === 'file' ? size : 0,
    mtime: new Date(Number(mtimeNs / 1_000_000n)),
    uid: USER_ID,
    gid: USER_ID,
    ...(target === undefined ? {} : { linkname: target.toString() }),
    pax: { ...timeRecord(mtimeNs), ...bytesRecord('path', path), ...(target === undefined ? {} : bytesRecord('linkpath', target)) }
  }
}
