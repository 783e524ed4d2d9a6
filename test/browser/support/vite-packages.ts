import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pack, type Pack } from 'tar-stream'
import { root } from '../../live/support/berth.ts'

const OWNER = { uid: 1000, gid: 1000 }

async function dependenciesOf (directory: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')) as Record<'dependencies' | 'optionalDependencies', object | undefined>
  return Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
}

/** Adds a package of ours and everything that it needs. Optional ones for other machines are not installed here either. */
async function addPackage (tar: Pack, name: string, seen: Set<string>): Promise<void> {
  const directory = path.join(root, 'node_modules', name)
  if (seen.has(name) || !await stat(directory).then(() => true, () => false)) return
  seen.add(name)
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    tar.entry({ name: path.relative(root, file), ...OWNER }, await readFile(file))
  }
  for (const dependency of await dependenciesOf(directory)) await addPackage(tar, dependency, seen)
}

/** The vite that builds our own pages as a tar with node_modules/, for a sandbox that may have no way to a registry. */
export async function packVite (): Promise<Readable> {
  const tar = pack()
  // Vite keeps a cache in it.
  tar.entry({ name: 'node_modules', type: 'directory', ...OWNER })
  await addPackage(tar, 'vite', new Set())
  tar.finalize()
  return Readable.from(tar, { objectMode: false })
}
