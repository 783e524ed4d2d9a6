import type { DockerClient } from '../../../src/docker/index.ts'

/** Removes what an instance has on the Engine, for a test that leaves nobody who would: its server was killed, or left a project behind. */
export async function removeInstance (docker: DockerClient, instanceId: string): Promise<void> {
  const label = [`berth.instance=${instanceId}`]
  for (const { Id } of await docker.containers.list({ all: true, filters: { label } })) await docker.containers.remove(Id, { force: true, volumes: true })
  for (const { Name } of await docker.volumes.list({ label })) await docker.volumes.remove(Name)
  for (const { Id } of await docker.networks.list({ label })) await docker.networks.remove(Id)
}
