import { access, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDockerClient, endpointFromEnv } from '../../src/docker/index.ts'
import { waitFor } from './wait-for.ts'

export async function makeDataDir (): Promise<string> {
  return await mkdtemp(path.join(tmpdir(), 'berth-data-'))
}

/** Removes a data directory and the database that it leads to, when that has ended. */
export async function removeDataDir (dataDir: string): Promise<void> {
  await removeSandboxes(dataDir)
  const database = await realpath(path.join(dataDir, 'postgres')).catch(() => undefined)
  if (database !== undefined) {
    const pidFile = path.join(database, 'data/postmaster.pid')
    await waitFor('the database to end', async () => await access(pidFile).then(() => false, () => true))
    await rm(database, { recursive: true })
  }
  await rm(dataDir, { recursive: true, force: true })
}

/** A server that was killed leaves its sandboxes to the next one on its data directory, and there will be none. */
async function removeSandboxes (dataDir: string): Promise<void> {
  const instanceId = await readFile(path.join(dataDir, 'instance-id'), 'utf8').catch(() => undefined)
  if (instanceId === undefined) return
  const docker = createDockerClient(endpointFromEnv(process.env))
  const left = await docker.containers.list({ all: true, filters: { label: [`berth.instance=${instanceId.trim()}`, 'berth.kind=run'] } })
  await Promise.all(left.map(async ({ Id }) => await docker.containers.remove(Id, { force: true, volumes: true })))
  await docker.close()
}
