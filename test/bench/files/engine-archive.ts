import { once } from 'node:events'
import { pack } from 'tar-stream'
import type { DockerClient } from '../../../src/docker/index.ts'
import { WORKSPACE } from '../../../src/sandbox/container-spec.ts'

const BLOCK = 512

/** The yardstick: files by the Engine's own archive calls, which is what `docker cp` does. */
export function createEngineArchive (docker: DockerClient, containerId: string) {
  return {
    write: async (name: string, size: number, content: AsyncIterable<Buffer>): Promise<void> => {
      await docker.containers.putArchive(containerId, WORKSPACE, archive(name, size, content))
    },
    /** Resolves with the size of the archive, which is hardly more than the file. */
    read: async (name: string): Promise<number> => {
      const { tar } = await docker.containers.getArchive(containerId, `${WORKSPACE}/${name}`)
      let size = 0
      for await (const chunk of tar as AsyncIterable<Buffer>) size += chunk.length
      return size
    }
  }
}

/** A tar of one file. The content does not pass through the packer, which would cost more than the Engine does. */
async function * archive (name: string, size: number, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const tar = pack()
  tar.entry({ name, size, uid: 1000, gid: 1000 })
  const [header] = await once(tar, 'data') as [Buffer]
  tar.destroy()
  yield header
  yield * content
  yield Buffer.alloc((BLOCK - size % BLOCK) % BLOCK + 2 * BLOCK)
}
