import { randomUUID } from 'node:crypto'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../src/docker/index.ts'
import { openRun } from '../../src/sandbox/agent-client/operations.ts'
import { placeFiles } from '../../src/sandbox/agent-client/place-files.ts'
import { runSandboxBody, type RunSandboxSpec } from '../../src/sandbox/container-spec.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { interleave, reportLine, type Print } from './measure.ts'
import { pythonSpec } from './python-spec.ts'

const ROUNDS = 15

/** The yardstick: what the Engine itself takes to create and start the same container. */
async function createAndStart (docker: DockerClient, spec: RunSandboxSpec): Promise<string> {
  const { Id } = await docker.containers.create(runSandboxBody(spec))
  await docker.containers.start(Id)
  return Id
}

async function firstResult (docker: DockerClient, spec: RunSandboxSpec): Promise<string> {
  const sandbox = await startSandbox(docker, spec, new AbortController().signal)
  let output = ''
  const { placed } = placeFiles(sandbox.agent, [{ path: 'main.py', content: Buffer.from('print("hi")') }])
  const run = openRun(sandbox.agent, { args: ['python3', 'main.py'], env: { PATH: '/usr/bin' } }, {
    onOutput: (_stream, bytes) => { output += bytes.toString() }
  })
  await Promise.all([placed, run.result])
  if (output !== 'hi\n') throw new Error(`cold start: ${output}`)
  return sandbox.id
}

/** From nothing to a first result, beside the Engine's own part of it. Removal is not in the times. */
export async function benchColdStart (print: Print): Promise<void> {
  const docker = createDockerClient(endpointFromEnv(process.env))
  const spec = await pythonSpec(docker, randomUUID())
  const made: string[] = []
  try {
    const samples = await interleave(ROUNDS, {
      engine: async () => { made.push(await createAndStart(docker, spec)) },
      cold: async () => { made.push(await firstResult(docker, spec)) }
    })
    print(`cold start of a python sandbox, ${ROUNDS} rounds, milliseconds`)
    print(reportLine('the Engine\'s create + start', samples.engine))
    print(reportLine('nothing to first result', samples.cold, samples.engine))
  } finally {
    for (const id of made) await docker.containers.remove(id, { force: true, volumes: true })
    await docker.close()
  }
}
