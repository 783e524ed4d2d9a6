import { once } from 'node:events'
import Dockerode from 'dockerode'
import { Pool } from 'undici'
import { createDockerClient, endpointFromEnv } from '../../src/docker/index.ts'
import { startServerProcess } from '../support/server-process.ts'
import { createExecute } from './execute.ts'
import { bareSpawn, PROGRAM } from './bare-spawn.ts'
import type { Print } from './measure.ts'
import { pythonSpec } from './python-spec.ts'

const CONCURRENCY = 8
const RUNS = 400
const CONTAINER_RUNS = 32

/** Runs per second of `count` tasks, so many at once. */
async function rate (count: number, task: () => Promise<void>): Promise<number> {
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) await task()
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return count / (performance.now() - start) * 1000
}

/** How such servers are usually written: a container for each run, by dockerode. */
function createContainerPerRun (image: string): () => Promise<void> {
  const docker = new Dockerode()
  return async () => {
    const container = await docker.createContainer({
      Image: image, Cmd: ['python3', '-c', PROGRAM], HostConfig: { NetworkMode: 'none' }, AttachStdout: true
    })
    const stream = await container.attach({ stream: true, stdout: true, stderr: true })
    const waiting = container.wait({ condition: 'next-exit' })
    await container.start()
    stream.resume()
    await Promise.all([once(stream, 'end'), waiting])
    await container.remove({ force: true })
  }
}

/** Runs per second, flat out, beside bare spawn and a container for each run. */
export async function benchThroughput (print: Print): Promise<void> {
  const docker = createDockerClient(endpointFromEnv(process.env))
  const { image } = await pythonSpec(docker, 'bench')
  await docker.close()
  const server = await startServerProcess()
  const client = new Pool(server.origin, { connections: CONCURRENCY })
  try {
    const execute = createExecute(server, client)
    await rate(CONCURRENCY * 4, async () => { await execute('python', PROGRAM) })
    const bare = await rate(RUNS, bareSpawn)
    const http = await rate(RUNS, async () => { await execute('python', PROGRAM) })
    const containers = await rate(CONTAINER_RUNS, createContainerPerRun(image))
    const line = (name: string, perSecond: number): void =>
      print(`${name.padEnd(44)} ${perSecond.toFixed(1).padStart(8)} runs/s   ${(perSecond / bare).toFixed(2)} x`)
    print(`python hello, ${CONCURRENCY} at once`)
    line('bare spawn of /usr/bin/python3', bare)
    line('POST /api/execute (target 0.70 x)', http)
    line('a container for each run, by dockerode', containers)
  } finally {
    await client.close()
    await server.stop()
  }
}
