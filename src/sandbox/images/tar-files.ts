import { pipeline, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'

/** The files of an archive that the Engine gives, whole. Rejects with what the archive breaks off with. */
export async function readTarFiles (tar: Readable): Promise<Array<{ mode: number, content: Buffer }>> {
  const files: Array<{ mode: number, content: Buffer }> = []
  // Not by `pipe`: the members would be waited for for ever.
  for await (const entry of pipeline(tar, extract(), () => undefined)) {
    files.push({ mode: entry.header.mode ?? 0, content: await buffer(entry) })
  }
  return files
}
