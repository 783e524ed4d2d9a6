import { readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const EMPTIED = [
  'tmp', 'var/tmp', 'var/cache/apt', 'var/lib/apt/lists', 'var/log', 'var/cache/ldconfig',
  'usr/share/man', 'usr/share/info', 'usr/share/locale', 'usr/share/lintian', 'usr/share/groff'
]
// Where debootstrap has left what is true of this host only.
const BLANKED = ['etc/resolv.conf', 'etc/hostname']

// Packages that are installed later come without these too. An image's layer is made of the files when all is done,
// so syncing each of them to the disk only takes time: half of that of a large installation.
const DPKG_CONFIG = `path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/groff/*
force-unsafe-io
`

/** Takes out of a fresh Debian what a container has no use for, and keeps it out. Licences stay. */
export async function slim (root: string): Promise<void> {
  for (const directory of EMPTIED) await empty(join(root, directory))
  await keepOnly(join(root, 'usr/share/doc'), 'copyright')
  for (const file of BLANKED) await writeFile(join(root, file), '')
  await writeFile(join(root, 'etc/dpkg/dpkg.cfg.d/slim'), DPKG_CONFIG)
}

async function empty (directory: string): Promise<void> {
  for (const name of await list(directory)) await rm(join(directory, name), { recursive: true, force: true })
}

/** Removes all files of other names beneath a directory, and the directories that this leaves empty. */
async function keepOnly (directory: string, keptName: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) {
      await keepOnly(path, keptName)
      if ((await readdir(path)).length === 0) await rmdir(path)
    } else if (entry.name !== keptName) {
      await rm(path)
    }
  }
}

async function list (directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
