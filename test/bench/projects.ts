import { randomUUID } from 'node:crypto'
import { Pool } from 'undici'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../src/docker/index.ts'
import { percentiles } from '../../src/lib/percentiles.ts'
import type { Project, ProjectStatusReport } from '../../src/projects/core/schemas.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { createBare } from './bare-project.ts'
import { reportLine, type Print } from './measure.ts'
import { residentBytes } from './resident.ts'

const ROUNDS = 15
const IDLE_PROJECTS = 20
const STATUS_CALLS = 200

type Api = ReturnType<typeof createApi>

function createApi (server: ServerProcess, client: Pool) {
  async function call<T> (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const response = await client.request({
      method,
      path,
      headers: { 'x-api-key': server.key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body)
    })
    const text = await response.body.text()
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  return {
    create: async (files?: unknown) => (await call<Project>('POST', '/projects', { name: 'bench', runtime: 'python', files })).id,
    start: async (id: string) => await call<ProjectStatusReport>('POST', `/projects/${id}/start`),
    stop: async (id: string) => await call<ProjectStatusReport>('POST', `/projects/${id}/stop`),
    status: async (id: string) => await call<ProjectStatusReport>('GET', `/projects/${id}/status`),
    remove: async (id: string) => await call<undefined>('DELETE', `/projects/${id}`)
  }
}

async function timed (samples: number[], work: () => Promise<unknown>): Promise<void> {
  const start = performance.now()
  await work()
  samples.push(performance.now() - start)
}

/** Projects through HTTP, beside what the Engine itself takes for the same containers. */
export async function benchProjects (print: Print): Promise<void> {
  const server = await startServerProcess({ PROJECT_QUOTA: '100', PROJECT_RUNNING_QUOTA: '100', PROJECT_MEMORY_TOTAL: '64g' })
  const client = new Pool(server.origin, { connections: STATUS_CALLS })
  const docker = createDockerClient(endpointFromEnv(process.env))
  try {
    const api = createApi(server, client)
    await benchStarts(print, api, docker)
    await benchIdle(print, api, server)
  } finally {
    await docker.close()
    await client.close()
    await server.stop()
  }
}

async function benchStarts (print: Print, api: Api, docker: DockerClient): Promise<void> {
  const bare = await createBare(docker)
  const samples = { bareNew: [] as number[], bareAgain: [] as number[], first: [] as number[], withFiles: [] as number[], again: [] as number[] }
  const known = { bare: randomUUID(), project: await api.create() }
  try {
    await api.start(known.project)
    await api.stop(known.project)
    await bare.remove(await bare.createAndStart(known.bare))
    for (let round = 0; round < ROUNDS; round++) {
      const fresh = await api.create()
      const filled = await api.create([{ path: 'main.py', content: 'print("hi")' }])
      const made: string[] = []
      await timed(samples.bareNew, async () => made.push(await bare.createAndStart(randomUUID())))
      await timed(samples.first, async () => await api.start(fresh))
      await timed(samples.withFiles, async () => await api.start(filled))
      await timed(samples.bareAgain, async () => made.push(await bare.createAndStart(known.bare)))
      await timed(samples.again, async () => await api.start(known.project))
      await api.stop(known.project)
      for (const id of made) await bare.remove(id)
      for (const id of [fresh, filled]) await api.remove(id)
    }
    print(`start of a python project, ${ROUNDS} rounds, milliseconds`)
    print(reportLine('the Engine\'s create + start, new volume', samples.bareNew))
    print(reportLine('first start through HTTP (target 1.15 x)', samples.first, samples.bareNew))
    print(reportLine('first start with a file', samples.withFiles, samples.bareNew))
    print(reportLine('the Engine\'s create + start, known volume', samples.bareAgain))
    print(reportLine('start of a stopped one (target 1.15 x)', samples.again, samples.bareAgain))
  } finally {
    await api.remove(known.project)
    await bare.close()
  }
}

async function benchIdle (print: Print, api: Api, server: ServerProcess): Promise<void> {
  const ids: string[] = []
  try {
    const before = await residentBytes(server.pid)
    for (let i = 0; i < IDLE_PROJECTS; i++) {
      const id = await api.create()
      ids.push(id)
      await api.start(id)
    }
    const used = await Promise.all(ids.map(async (id) => (await api.status(id)).usage?.memory ?? 0))
    const { p50 } = percentiles(used)
    print(`${IDLE_PROJECTS} idle projects: ${megabytes(p50 ?? 0)} MB of container memory each at the median, ${megabytes(Math.max(...used))} at most (target 8)`)
    print(`memory of the server: ${megabytes((await residentBytes(server.pid) - before) / IDLE_PROJECTS)} MB for each of them`)
    await benchStatus(print, api, ids)
  } finally {
    for (const id of ids) await api.remove(id)
  }
}

async function benchStatus (print: Print, api: Api, ids: readonly string[]): Promise<void> {
  const samples: number[] = []
  const all = async () => await Promise.all(Array.from({ length: STATUS_CALLS }, async (_, i) =>
    await timed(samples, async () => await api.status(ids[i % ids.length] ?? ''))))
  await all() // until connections are open and code is compiled
  samples.length = 0
  await all()
  print(reportLine(`${STATUS_CALLS} signed-in status calls at once`, samples))
}

function megabytes (bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
