import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import { isDockerError, type CallOptions, type DockerClient } from '../docker/index.ts'
import { WORKSPACE, workspaceOwnerBody, type WorkspaceOwnerSpec } from './container-spec.ts'

/**
 * Makes a project's volume if there is none and gives its root to the project's user: no container has a user or a
 * capability that could. The Engine does it, in a container that is never started, by an archive of nothing but that
 * directory, so that no program runs and no path of a guest's is followed. Only for a volume that nobody has worked in.
 */
export async function handOverWorkspace (docker: DockerClient, spec: WorkspaceOwnerSpec, options?: CallOptions): Promise<void> {
  const { Id } = await docker.containers.create(workspaceOwnerBody(spec), {}, options)
  try {
    const tar = pack()
    // The older fields for them hold six octal digits, and the packer would write the largest that fits.
    const owner = { uid: String(spec.uid), gid: String(spec.uid) }
    tar.entry({ name: `${WORKSPACE.slice(1)}/`, type: 'directory', mode: 0o755, mtime: new Date(), pax: owner })
    tar.finalize()
    await docker.containers.putArchive(Id, '/', Readable.from(tar, { objectMode: false }), {}, options)
  } finally {
    await docker.containers.remove(Id, { force: true }).catch((error: unknown) => {
      // It carries our labels: the sweep removes it when the Engine is well again.
      if (!isDockerError(error)) throw error
    })
  }
}
