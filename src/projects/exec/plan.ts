import { errors } from '../../errors.ts'
import { encodeText } from '../../programs/text.ts'
import type { Program } from '../../sandbox/run-program.ts'
import { planCommand } from '../core/command.ts'
import type { ExecBody } from './schemas.ts'

const DEFAULT_TIMEOUT_MS = 60_000

export interface ExecLimits {
  readonly timeoutMaxMs: number
  readonly outputBytes: number
}

/** Turns a valid body into what the agent runs, or throws the contract's error for what the schema cannot say. */
export function planExec ({ input, timeout, ...command }: ExecBody, given: Readonly<Record<string, string>>, limits: ExecLimits): Program {
  const wallMs = timeout ?? Math.min(DEFAULT_TIMEOUT_MS, limits.timeoutMaxMs)
  if (wallMs > limits.timeoutMaxMs) throw new errors.BAD_LIMIT('timeout', `1 to ${limits.timeoutMaxMs} ms`)
  return { ...planCommand(command, given), wallMs, input: encodeText('input', input ?? ''), outputLimitBytes: limits.outputBytes, leaves: true }
}
