import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pack, type Pack } from 'tar-stream'
import type { DockerClient } from '../../../src/docker/index.ts'
import { root } from '../../live/support/berth.ts'

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
    tar.entry({ name: path.relative(root, file) }, await readFile(file))
  }
  for (const dependency of await dependenciesOf(directory)) await addPackage(tar, dependency, seen)
}

/** Puts the vite that builds our own pages into a running project, which may have no way to a registry. */
export async function putVite ({ containers }: DockerClient, containerId: string): Promise<void> {
  const { Config } = await containers.inspect(containerId)
  const [uid = '', gid = ''] = Config.User?.split(':') ?? []
  const tar = pack()
  // Vite keeps a cache in it.
  tar.entry({ name: 'node_modules', type: 'directory', pax: { uid, gid } })
  await addPackage(tar, 'vite', new Set())
  tar.finalize()
  await containers.putArchive(containerId, '/workspace', Readable.from(tar, { objectMode: false }))
}
