import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'

/** A file of a build context. */
export interface ContextFile {
  /** Beneath the context's root. */
  readonly path: string
  readonly isExecutable: boolean
  readonly content: Buffer
}

// What tells the server about a language rather than makes its image: a change there must not rebuild the image.
function isOutside (path: string): boolean {
  return path === 'runtime.json' || path.startsWith('smoke/') || path.startsWith('project/') || path.endsWith('.md')
}

/** The files of a folder that make its image, by path. */
export async function readContext (folder: string): Promise<ContextFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files: ContextFile[] = []
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(join(folder, '/').length)
    if (entry.isDirectory() || isOutside(path)) continue
    if (!entry.isFile()) throw new Error(`${file}: only regular files and directories can go into an image's build`)
    files.push({ path, isExecutable: ((await stat(file)).mode & 0o100) !== 0, content: await readFile(file) })
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Directories that the Dockerfile copies and that may be empty must be named, or the builder does not find them. */
export function packContext (files: readonly ContextFile[], directories: readonly string[] = []): Readable {
  const tar = pack()
  const common = { mtime: new Date(0), uid: 0, gid: 0 }
  for (const name of directories) tar.entry({ ...common, name, type: 'directory', mode: 0o755 })
  for (const { path, isExecutable, content } of files) tar.entry({ ...common, name: path, mode: modeOf(isExecutable) }, content)
  tar.finalize()
  return Readable.from(tar, { objectMode: false })
}

/** Like git, only the owner's execute bit counts: the rest depends on who checked the repository out. */
export function modeOf (isExecutable: boolean): number {
  return isExecutable ? 0o755 : 0o644
}
