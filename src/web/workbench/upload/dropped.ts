import { join, ROOT } from '../../../client/files/paths.ts'

export interface Upload {
  /** Relative to the directory that it goes to. */
  readonly path: string
  readonly file: File
}

export function chosenFiles (files: ArrayLike<File>): Upload[] {
  // Of a folder that was chosen, each file says where in it it is.
  return Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }))
}

/** What was dropped, with the files in its directories. Must be called in the event's own turn. */
export async function droppedFiles ({ items }: DataTransfer): Promise<Upload[]> {
  // What is not from a disk, such as an image out of another page, is a file without an entry.
  const sources = Array.from(items, (item) => item.webkitGetAsEntry() ?? item.getAsFile()).filter((source) => source !== null)
  return (await Promise.all(sources.map(async (source) =>
    source instanceof File ? [{ path: source.name, file: source }] : await filesIn(source, ROOT)
  ))).flat()
}

async function filesIn (entry: FileSystemEntry, directory: string): Promise<Upload[]> {
  const path = join(directory, entry.name)
  if (isFile(entry)) return [{ path, file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)) }]
  if (!isDirectory(entry)) return []
  const uploads: Upload[] = []
  const reader = entry.createReader()
  for (;;) {
    // A hundred at a time, until there are none.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return uploads
    for (const child of some) uploads.push(...await filesIn(child, path))
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
