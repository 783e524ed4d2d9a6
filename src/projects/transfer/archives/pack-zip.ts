import { Readable, type PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { ZipFile, type ReadStreamOptions } from 'yazl'
import type { FileEntry } from '../../../sandbox/agent-protocol.ts'
import type { ProjectFile } from './project-files.ts'
import { roomIn } from './room.ts'

const DIRECTORY = 0o040000
const LINK = 0o120000
const FILE = 0o100000
/** From here on a member needs the larger fields of Zip64, which has to be said before it is written. */
const ZIP64_BYTES = 0xffff_ffff

/** A zip of the files, made as fast as it is read. It ends with an error, never early, when a file cannot be read to its end. */
export function packZip (files: AsyncIterable<ProjectFile>): Readable {
  const zip = new ZipFile()
  const output = zip.outputStream as PassThrough
  // Such as a file that has another size than its header says.
  zip.on('error', (error: Error) => output.destroy(error))
  addAll(zip, files, output).catch((error: unknown) => output.destroy(error as Error))
  return output
}

async function addAll (zip: ZipFile, files: AsyncIterable<ProjectFile>, output: PassThrough): Promise<void> {
  for await (const file of files) {
    await add(zip, file, output)
    await roomIn(output)
  }
  zip.end()
}

async function add (zip: ZipFile, { entry, content, open }: ProjectFile, output: PassThrough): Promise<void> {
  if (entry.type === 'directory') {
    zip.addEmptyDirectory(nameOf(entry), optionsOf(entry, DIRECTORY))
  } else if (entry.target !== undefined) {
    zip.addBuffer(entry.target, nameOf(entry), { ...optionsOf(entry, LINK), compress: false })
  } else {
    const opened = open === undefined ? { size: entry.size, bytes: Readable.from([content]) } : await open()
    if (opened !== undefined) await addStream(zip, { ...entry, size: opened.size }, opened.bytes, output)
  }
}

/** Resolves when the stream has been read. */
async function addStream (zip: ZipFile, entry: FileEntry, bytes: Readable, output: PassThrough): Promise<void> {
  let unread: Readable | undefined = bytes
  // What it is given it keeps until the end of the zip.
  zip.addReadStreamLazy(nameOf(entry), { ...optionsOf(entry, FILE), size: entry.size, forceZip64Format: entry.size >= ZIP64_BYTES }, (take) => {
    take(null, unread as Readable)
    unread = undefined
  })
  const giveUp = (): void => { bytes.destroy() }
  output.once('close', giveUp)
  await finished(bytes).finally(() => output.off('close', giveUp))
}

function optionsOf (entry: FileEntry, kind: number): Partial<ReadStreamOptions> {
  return { mtime: timeOf(entry), mode: kind | entry.mode }
}

/** Backslashes are separators and a colon may mean a drive to those who unpack it on other systems. */
function nameOf ({ path }: FileEntry): string {
  return path.toString().replaceAll(/[\\:]/g, '_')
}

/** A zip begins in 1980. */
function timeOf ({ mtimeNs }: FileEntry): Date {
  return new Date(Math.max(Number(mtimeNs / 1_000_000n), Date.UTC(1980, 0, 2)))
}
