import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import type { CallOptions, DockerClient } from '../docker/index.ts'
import { WORKSPACE } from './container-spec.ts'

/**
 * Gives the root of a new volume to the sandbox's user: no container has a user or a capability that could. The Engine does
 * it, in the container before its start, by an archive of nothing but that directory, so that no path of a guest's is
 * ever followed.
 */
export async function handOverWorkspace (docker: DockerClient, containerId: string, uid: number, options?: CallOptions): Promise<void> {
  const tar = pack()
  tar.entry({ name: './', type: 'directory', mode: 0o755, uid, gid: uid, mtime: new Date() })
  tar.finalize()
  await docker.containers.putArchive(containerId, WORKSPACE, Readable.from(tar, { objectMode: false }), {}, options)
}
