import type { TestProject } from 'vitest/node'
import { createDockerClient, endpointFromEnv, isDockerError, type DockerClient } from '../../src/docker/index.ts'
import { startDatabaseServer } from '../support/test-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL server for the whole run; each test's Berth has a database of its own on it. */
    databaseServerUrl: string
  }
}

/** Everything on the Engine that carries a label of ours, by kind and name. */
async function inventory (docker: DockerClient): Promise<Set<string>> {
  const isOurs = (labels: Record<string, string> | null): boolean => Object.keys(labels ?? {}).some((name) => name.startsWith('berth.'))
  const [containers, volumes, networks] = await Promise.all([
    docker.containers.list({ all: true }),
    docker.volumes.list(),
    docker.networks.list()
  ])
  return new Set([
    ...containers.filter(({ Labels }) => isOurs(Labels)).map(({ Id, Labels }) => `container ${Id.slice(0, 12)} ${JSON.stringify(Labels)}`),
    ...volumes.filter(({ Labels }) => isOurs(Labels)).map(({ Name }) => `volume ${Name}`),
    ...networks.filter(({ Labels }) => isOurs(Labels)).map(({ Name }) => `network ${Name}`)
  ])
}

/** The servers of the tests have made it if it was not there; one that is in use meanwhile belongs to somebody else. */
async function removeAgentVolumes (docker: DockerClient, before: ReadonlySet<string>): Promise<void> {
  for (const { Name } of await docker.volumes.list({ label: ['berth.agent'] })) {
    if (before.has(`volume ${Name}`)) continue
    await docker.volumes.remove(Name).catch((error: unknown) => {
      if (!isDockerError(error, 'conflict')) throw error
    })
  }
}

/** The suite fails if it leaves anything of ours on the Engine that was not there before. */
export default async function setup (project: TestProject): Promise<() => Promise<void>> {
  const database = await startDatabaseServer()
  project.provide('databaseServerUrl', database.url)
  const docker = createDockerClient(endpointFromEnv(process.env))
  const before = await inventory(docker)
  return async () => {
    await removeAgentVolumes(docker, before)
    const left = [...await inventory(docker)].filter((item) => !before.has(item))
    await docker.close()
    await database.stop()
    if (left.length === 0) return
    // Vitest ends as if all were well also when something is thrown here.
    process.exitCode = 1
    console.error(`the live tests left behind:\n${left.join('\n')}`)
  }
}
