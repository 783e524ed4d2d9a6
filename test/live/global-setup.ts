import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { createDockerClient, endpointFromEnv, isDockerError, type DockerClient } from '../../src/docker/index.ts'
import { startDatabaseServer } from '../support/test-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL server for the whole run; each test's Berth has a database of its own on it. */
    databaseServerUrl: string
  }
}

/** Directories without a living database: those with one belong to somebody who is at work. */
async function directoriesIn (parent: string, prefix: string): Promise<string[]> {
  const names = await readdir(parent).catch((): string[] => [])
  const paths = names.filter((name) => name.startsWith(prefix)).map((name) => path.join(parent, name))
  return paths.filter((directory) => !['data', 'postgres/data'].some((data) => existsSync(path.join(directory, data, 'postmaster.pid')))).map((directory) => `directory ${directory}`)
}

/** Everything on the Engine that carries a label of ours, and what is named like ours on the disk, by kind and name. */
async function inventory (docker: DockerClient): Promise<Set<string>> {
  const isOurs = (labels: Record<string, string> | null): boolean => Object.keys(labels ?? {}).some((name) => name.startsWith('berth.'))
  const [containers, volumes, networks, temporary, databases] = await Promise.all([
    docker.containers.list({ all: true }),
    docker.volumes.list(),
    docker.networks.list(),
    directoriesIn(tmpdir(), 'berth-'),
    directoriesIn('/var/lib/berth', 'postgres-')
  ])
  return new Set([
    ...temporary,
    ...databases,
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

/** The suite fails if it leaves anything of ours on the Engine or the disk that was not there before. */
export default async function setup (project: TestProject): Promise<() => Promise<void>> {
  const docker = createDockerClient(endpointFromEnv(process.env))
  const before = await inventory(docker)
  const database = await startDatabaseServer()
  project.provide('databaseServerUrl', database.url)
  return async () => {
    await database.stop()
    await removeAgentVolumes(docker, before)
    const left = [...await inventory(docker)].filter((item) => !before.has(item))
    await docker.close()
    if (left.length === 0) return
    // Vitest ends as if all were well also when something is thrown here.
    process.exitCode = 1
    console.error(`the live tests left behind:\n${left.join('\n')}`)
  }
}
