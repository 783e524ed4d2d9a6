import { readFile, rename, writeFile } from 'node:fs/promises'

/** The versions that images have told, by image id: what an image holds never changes, and asking costs a sandbox. */
export interface VersionMemory {
  readonly recall: (imageId: string) => string | undefined
  readonly keep: (imageId: string, version: string) => Promise<void>
}

/** Opens or begins the file. One that cannot be read is begun anew: the images are asked again. */
export async function openVersionMemory (file: string): Promise<VersionMemory> {
  const versions = new Map(Object.entries(await readVersions(file)))
  let writing = Promise.resolve()

  async function write (): Promise<void> {
    await writeFile(`${file}.new`, `${JSON.stringify(Object.fromEntries(versions), null, 2)}\n`)
    await rename(`${file}.new`, file)
  }

  return {
    recall: (imageId) => versions.get(imageId),
    async keep (imageId, version) {
      versions.set(imageId, version)
      writing = writing.then(write, write)
      await writing
    }
  }
}

async function readVersions (file: string): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}
