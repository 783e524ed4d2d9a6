import { pack } from 'tar-stream'
import { createDockerClient, endpointFromEnv, type ContainerCreateBody, type DockerClient } from '../../../src/docker/index.ts'

export const testImage = 'berth/debian:trixie-slim'
export const testLabels = { 'berth.test': '1' }

/** A client of the real Engine and the containers made through it, all of which `sweep` removes. */
export function connectEngine () {
  const docker = createDockerClient(endpointFromEnv(process.env))
  const made: string[] = []

  async function create (cmd: string[], body: Partial<ContainerCreateBody> = {}): Promise<string> {
    const { HostConfig: hostConfig, ...rest } = body
    const { Id } = await docker.containers.create({
      Image: testImage,
      Cmd: cmd,
      Labels: testLabels,
      ...rest,
      HostConfig: { NetworkMode: 'none', Init: true, ...hostConfig }
    })
    made.push(Id)
    return Id
  }

  return {
    docker,
    create,
    /** A container that does nothing until it is removed, to exec into. */
    run: async (body: Partial<ContainerCreateBody> = {}): Promise<string> => {
      const id = await create(['sleep', 'infinity'], body)
      await docker.containers.start(id)
      return id
    },
    sweep: async (): Promise<void> => {
      await Promise.all(made.splice(0).map((id) => docker.containers.remove(id, { force: true, volumes: true })))
    }
  }
}

/** A tar of small files. */
export async function * tarOf (files: Record<string, string>): AsyncGenerator<Uint8Array, void, undefined> {
  const tar = pack()
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content)
  tar.finalize()
  yield * tar as unknown as AsyncIterable<Uint8Array>
}

export async function exitCodeOf (docker: DockerClient, execId: string): Promise<number | null> {
  return (await docker.exec.inspect(execId)).ExitCode
}
