import type { DockerClient } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { joinSignals } from '../../lib/join-signals.ts'
import { AgentLostError, AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { AgentProtocolError, ErrorCode } from '../../sandbox/agent-protocol.ts'
import { wasOomKilled } from '../../sandbox/oom.ts'
import { NotRunningError, openProjectAgent } from '../../sandbox/project-agent.ts'
import { runProgram } from '../../sandbox/run-program.ts'
import { summariseRun } from '../../sandbox/run-summary.ts'
import { shellEnvironment, withFallbackShell } from '../core/command.ts'
import type { InRunning, LocatedProject } from '../core/running.ts'
import { planExec, type ExecLimits } from './plan.ts'
import type { ExecBody, ExecResult } from './schemas.ts'

const COMMAND_NOT_FOUND = 127

export interface ExecService {
  /** Runs a command to its end. An aborted signal kills it with everything it started. */
  readonly exec: (project: LocatedProject, body: ExecBody, signal: AbortSignal) => Promise<ExecResult>
}

export function createExecService ({ docker, limits, inRunning, hold, stoppingSignal, variablesOf }: {
  docker: DockerClient
  limits: ExecLimits
  inRunning: InRunning
  /** The project is active until the returned function is called. */
  hold: (projectId: string) => () => void
  /** Aborted when the container is about to end. */
  stoppingSignal: (containerId: string) => AbortSignal
  /** What the project's owner has set for all that is started in it. */
  variablesOf: (projectId: string) => Promise<Record<string, string>>
}): ExecService {
  return {
    async exec (project, body, signal) {
      // What is wrong with the request is said before a container is started for it.
      planExec(body, {}, limits)
      const release = hold(project.id)
      try {
        const variables = await variablesOf(project.id)
        return await inRunning(project, async ({ id, env }) => {
          const program = planExec(body, { ...env, ...shellEnvironment, ...variables }, limits)
          return await execIn(docker, id, program, joinSignals(signal, stoppingSignal(id)))
        })
      } catch (error) {
        throw translate(error)
      } finally {
        release()
      }
    }
  }
}

async function execIn (docker: DockerClient, containerId: string, program: ReturnType<typeof planExec>, signal: AbortSignal): Promise<ExecResult> {
  const agent = await openProjectAgent(docker, containerId)
  try {
    const { result, stdout, stderr, truncated } = await runProgram({ agent, wasOomKilled: async () => await wasOomKilled(docker, containerId) }, program, signal)
    return { output: stdout.toString(), error: stderr.toString(), ...summariseRun(result), truncated, left: [...result?.left ?? []] }
  } catch (error) {
    if (!(error instanceof AgentOperationError && error.code === ErrorCode.SPAWN)) throw error
    const other = withFallbackShell(program)
    return other === undefined ? notStarted(error.message) : await execIn(docker, containerId, other, signal)
  } finally {
    agent.close()
  }
}

/** A command that is not there is the caller's affair, as it is in a shell. */
function notStarted (reason: string): ExecResult {
  return {
    output: '',
    error: `${reason}\n`,
    exitCode: COMMAND_NOT_FOUND,
    signal: null,
    status: 'runtime_error',
    executionTime: 0,
    truncated: { output: false, error: false },
    left: []
  }
}

function translate (error: unknown): unknown {
  const withCause = (translated: Error): Error => Object.assign(translated, { cause: error })
  if (error instanceof NotRunningError || error instanceof AgentLostError) return withCause(new errors.PROJECT_STOPPED())
  if (error instanceof AgentProtocolError) return withCause(new errors.RUN_FAILED())
  if (!(error instanceof AgentOperationError)) return error
  // It knows nothing of what is left.
  if (error.code === ErrorCode.BAD_REQUEST) return withCause(new errors.PROJECT_OUTDATED())
  if (error.code === ErrorCode.BAD_PATH || error.code === ErrorCode.NOT_FOUND) return new errors.BAD_PATH('given as "cwd"', 'is no directory of the project')
  return withCause(new errors.RUN_FAILED())
}
