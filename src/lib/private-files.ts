import { chmod, link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import path from 'node:path'

/** Makes the directory with mode 0700, and narrows one that is there already. */
export async function ensurePrivateDirectory (directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
}

/**
 * The text kept in a file of mode 0600, made with `create()` the first time. The file appears complete or not at all,
 * and of two processes that make it at once both get the same text.
 */
export async function loadOrCreatePrivateFile (file: string, create: () => string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`)
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(`${create()}\n`)
    await handle.sync()
    // Unlike rename, link does not replace what another process has made meanwhile.
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await handle.close()
    await unlink(temporary)
  }
  return (await readFile(file, 'utf8')).trim()
}
