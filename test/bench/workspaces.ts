import { createDockerClient, endpointFromEnv, type DockerClient } from '../../src/docker/index.ts'
import type { ProcessReport } from '../../src/projects/processes/schemas.ts'
import { userWithKey } from '../live/projects/user.ts'
import { startServerProcess } from '../support/server-process.ts'
import { interleave, reportLine, type Print } from './measure.ts'
import { BULK, ECHO, measureBulk, measureEcho } from './terminal/cases.ts'
import { lineCommand, openProcessLine, openRawLine } from './terminal/lines.ts'

const STARTS = 200

/** Processes of projects, which PID 1 of the container keeps, beside what the Engine starts in the same container. */
export async function benchWorkspaces (print: Print): Promise<void> {
  const server = await startServerProcess({ RUNTIMES: 'python', PROJECT_CPUS: '2', RATE_LIMIT: 'off' })
  const docker = createDockerClient(endpointFromEnv(process.env))
  const user = userWithKey(server.origin, server.key)
  const project = await user.createProject()
  const start = async (body: object): Promise<ProcessReport> => (await user.call<ProcessReport>('POST', `/projects/${project.id}/processes`, body)).body
  try {
    const { containerId } = await user.start(project.id)
    const cases = {
      engine: async () => await runInContainer(docker, containerId ?? ''),
      ours: async () => { await start({ cmd: ['/bin/true'] }) }
    }
    await interleave(10, cases)
    const samples = await interleave(STARTS, cases)
    print(`start of a process, ${STARTS} rounds, milliseconds`)
    print(reportLine('the Engine\'s exec, to its end', samples.engine))
    print(reportLine('POST /projects/:id/processes (target 8 ms)', samples.ours, samples.engine))

    for (const { script, measure } of [
      { script: ECHO, measure: async (lines: Parameters<typeof measureEcho>[1]) => await measureEcho(print, lines, 'in a process') },
      { script: BULK, measure: async (lines: Parameters<typeof measureBulk>[1]) => await measureBulk(print, lines) }
    ]) {
      const { id } = await start({ cmd: lineCommand(script), tty: true })
      const raw = await openRawLine(docker, containerId ?? '', script)
      const ours = await openProcessLine(`${server.origin}/projects/${project.id}/processes/${id}`, server.key)
      await measure({ raw, ours })
      await Promise.all([raw.close(), ours.close()])
    }
  } finally {
    await user.remove(project.id)
    await docker.close()
    await server.stop()
  }
}

async function runInContainer (docker: DockerClient, containerId: string): Promise<void> {
  const { Id } = await docker.exec.create(containerId, { Cmd: ['/bin/true'], AttachStdout: true, AttachStderr: true })
  const { stdout, stderr, closed } = await docker.exec.start(Id)
  stdout.resume()
  stderr.resume()
  // The Engine answers before it starts anything: what it goes on to do would be measured as ours.
  await closed
}
