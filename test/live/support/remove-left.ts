import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { DockerClient } from '../../../src/docker/index.ts'
import { waitFor } from '../../support/wait-for.ts'

/** Removes what an instance has on the Engine, for a test that leaves a project behind. */
export async function removeInstance (docker: DockerClient, instanceId: string): Promise<void> {
  const label = [`berth.instance=${instanceId}`]
  for (const { Id } of await docker.containers.list({ all: true, filters: { label } })) await docker.containers.remove(Id, { force: true, volumes: true })
  for (const { Name } of await docker.volumes.list({ label })) await docker.volumes.remove(Name)
  for (const { Id } of await docker.networks.list({ label })) await docker.networks.remove(Id)
}

/** Longer than a living server takes to fill the agent's volume. */
const FILLED_AFTER_SECONDS = 5

/**
 * Removes what servers that were killed had at work beside runs and projects: what they looked at the disk with, and filled the
 * agent's volume with. Other servers take it away, but not within seconds.
 */
export async function removeLeftOfKilled (docker: DockerClient, whose: { instance: string } | { boot: string }): Promise<void> {
  const label = [...Object.entries(whose).map(([name, id]) => `berth.${name}=${id}`), 'berth.kind=files']
  const helpers = await docker.containers.list({ all: true, filters: { label } })
  // A younger one may be a living server's, which takes it away itself.
  const fillers = await waitFor('fillers to be done, or old enough to be nobody\'s', async () => {
    const found = await docker.containers.list({ all: true, filters: { label: ['berth.agent-filler'] } })
    return found.every(({ Created }) => Date.now() / 1000 - Created > FILLED_AFTER_SECONDS) && found
  })
  for (const { Id } of [...helpers, ...fillers]) await docker.containers.remove(Id, { force: true, volumes: true })
}

/** How the labels call the server process on a data directory, while it has sandboxes for runs. */
export async function bootOf (docker: DockerClient, dataDir: string): Promise<string> {
  const instance = (await readFile(path.join(dataDir, 'instance-id'), 'utf8')).trim()
  const [sandbox] = await docker.containers.list({ filters: { label: [`berth.instance=${instance}`] } })
  const boot = sandbox?.Labels['berth.boot']
  if (boot === undefined) throw new Error(`the server on ${dataDir} has no sandbox`)
  return boot
}
