import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { DockerClient } from '../../../src/docker/index.ts'

/** Removes what an instance has on the Engine, for a test that leaves a project behind. */
export async function removeInstance (docker: DockerClient, instanceId: string): Promise<void> {
  const label = [`berth.instance=${instanceId}`]
  for (const { Id } of await docker.containers.list({ all: true, filters: { label } })) await docker.containers.remove(Id, { force: true, volumes: true })
  for (const { Name } of await docker.volumes.list({ label })) await docker.volumes.remove(Name)
  for (const { Id } of await docker.networks.list({ label })) await docker.networks.remove(Id)
}

/**
 * Removes what servers that were killed had at work beside runs and projects: what they looked at the disk with, and filled the
 * agent's volume with. Other servers take it away, but not within seconds.
 */
export async function removeLeftOfKilled (docker: DockerClient, whose: { instance: string } | { boot: string }): Promise<void> {
  const [name, id] = Object.entries(whose)[0] as [string, string]
  for (const label of [[`berth.${name}=${id}`, 'berth.kind=files'], ['berth.agent-filler']]) {
    for (const { Id } of await docker.containers.list({ all: true, filters: { label } })) await docker.containers.remove(Id, { force: true, volumes: true })
  }
}

/** How the labels call the server process on a data directory, while it has sandboxes for runs. */
export async function bootOf (docker: DockerClient, dataDir: string): Promise<string> {
  const instance = (await readFile(path.join(dataDir, 'instance-id'), 'utf8')).trim()
  const [sandbox] = await docker.containers.list({ filters: { label: [`berth.instance=${instance}`] } })
  const boot = sandbox?.Labels['berth.boot']
  if (boot === undefined) throw new Error(`the server on ${dataDir} has no sandbox`)
  return boot
}
