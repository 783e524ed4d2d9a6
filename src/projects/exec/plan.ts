import { errors } from '../../errors.ts'
import { checkArguments, checkCommandSize, mergeEnvironment } from '../../programs/command.ts'
import { encodeText } from '../../programs/text.ts'
import { pathProblem } from '../../sandbox/paths.ts'
import type { Program } from '../../sandbox/run-program.ts'
import type { ExecBody } from './schemas.ts'

/** The one that terminals have. */
export const SHELL = '/bin/bash'
const DEFAULT_TIMEOUT_MS = 60_000

export interface ExecLimits {
  readonly timeoutMaxMs: number
  readonly outputBytes: number
}

/** Turns a valid body into what the agent runs, or throws the contract's error for what the schema cannot say. */
export function planExec ({ cmd, input, cwd, env, timeout }: ExecBody, given: Readonly<Record<string, string>>, limits: ExecLimits): Program {
  const wallMs = timeout ?? Math.min(DEFAULT_TIMEOUT_MS, limits.timeoutMaxMs)
  if (wallMs > limits.timeoutMaxMs) throw new errors.BAD_LIMIT('timeout', `1 to ${limits.timeoutMaxMs} ms`)
  if (cwd !== undefined) {
    const problem = pathProblem(cwd)
    if (problem !== undefined) throw new errors.BAD_PATH(JSON.stringify(cwd), problem)
  }
  const args = toArguments(cmd)
  checkArguments(args)
  const merged = mergeEnvironment(given, env ?? {})
  checkCommandSize({ args, env: merged })
  return { args, env: merged, cwd, wallMs, input: encodeText('input', input ?? ''), outputLimitBytes: limits.outputBytes, leaves: true }
}

function toArguments (cmd: ExecBody['cmd']): [string, ...string[]] {
  if (typeof cmd === 'string') return [SHELL, '-c', cmd]
  const [program, ...rest] = cmd
  if (program === undefined || program === '') throw new errors.BAD_REQUEST('The first of cmd is the program and cannot be empty')
  return [program, ...rest]
}
