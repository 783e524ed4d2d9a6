import { isDockerError } from '../../docker/index.ts'
import { SandboxError } from '../../sandbox/attached-sandbox.ts'

const PROBLEM_CHARACTERS = 500

/** Whether the Engine is there and refuses to start a sandbox, or one ended before it was ready. */
export function isStartProblem (error: unknown): boolean {
  return error instanceof SandboxError || isDockerError(error, 'bad_request', 'conflict', 'forbidden', 'server_error')
}

/** Why a sandbox does not start, in the Engine's own words where there are any. */
export function describeStartProblem (error: unknown): string {
  for (let link = error; link instanceof Error; link = link.cause) {
    if (isDockerError(link) && link.daemonMessage !== undefined) return link.daemonMessage.slice(0, PROBLEM_CHARACTERS)
    if (link instanceof SandboxError) return link.message.slice(0, PROBLEM_CHARACTERS)
  }
  return (error instanceof Error ? error.message : String(error)).slice(0, PROBLEM_CHARACTERS)
}
