import { randomUUID } from 'node:crypto'
import type { CallOptions, DockerClient } from '../../../docker/index.ts'
import type { Database } from '../../../db/open.ts'
import { createMarkers } from './markers.ts'
import { createBindingRepo } from './repo.ts'

/** Whether projects of this database are, or were, on this Engine. */
export async function hasMarkers (docker: DockerClient, instanceId: string, options?: CallOptions): Promise<boolean> {
  return (await createMarkers(docker, instanceId).list(options)).length > 0
}

/** Makes the database and the Engine belong together, as ADOPT_ENGINE does, whatever they belonged to. */
export async function adoptEngine ({ docker, db, instanceId, options }: { docker: DockerClient, db: Database, instanceId: string, options?: CallOptions }): Promise<void> {
  const repo = createBindingRepo(db)
  const markers = createMarkers(docker, instanceId)
  const [databaseId, { ID: engineId }, former] = await Promise.all([repo.databaseId(), docker.system.info(options), markers.list(options)])
  const token = randomUUID()
  await markers.create(token, options)
  await repo.exclusively(async ({ save }) => await save({ engineId, databaseId, token }))
  for (const { name } of former) await markers.remove(name, options)
}
