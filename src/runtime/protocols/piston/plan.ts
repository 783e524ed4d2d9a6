import type { Config } from '../../../config.ts'
import type { ExecutionPlan } from '../../runs/plan.ts'
import type { ExecutionService } from '../../runs/execution.ts'
import { nameFiles } from './files.ts'
import { readLimits } from './limits.ts'
import { parseRequest } from './request.ts'
import { findRuntime, type Languages } from './runtimes.ts'

export interface Planner extends Languages {
  readonly execution: ExecutionService
  readonly limits: Config['execution']
}

/** A body of POST /api/v2/execute. Throws what is wrong with it in Piston's words. */
export function planRequest (body: unknown, planner: Planner): ExecutionPlan {
  return planJob(body, { ...planner, outputBytes: planner.limits.outputBytes, isInteractive: false })
}

/**
 * An `init` message. Its stdin is discarded, since the socket brings it; as somebody may be typing, the program may ask
 * for as long as an interactive session.
 */
export function planConnection (message: Readonly<Record<string, unknown>>, planner: Planner): ExecutionPlan {
  const limits = { ...planner.limits, timeoutMaxMs: Math.max(planner.limits.timeoutMaxMs, planner.limits.interactiveTimeoutMaxMs) }
  return planJob({ ...message, stdin: '' }, { ...planner, limits, outputBytes: limits.outputMaxBytes, isInteractive: true })
}

function planJob (body: unknown, { limits, outputBytes, isInteractive, execution, ...languages }: Planner & {
  outputBytes: number
  isInteractive: boolean
}): ExecutionPlan {
  const request = parseRequest(body)
  const { definition } = findRuntime(request, languages)
  const { sources, entry } = nameFiles(request.files, definition)
  const { compile, run } = readLimits(request.fields, definition, limits)
  const plan = execution.plan({
    language: definition.language,
    files: sources,
    entry,
    input: request.stdin,
    args: [...request.args],
    timeout: run.wallMs,
    compileTimeout: compile.wallMs,
    memoryLimit: run.memoryBytes,
    outputLimit: outputBytes,
    interactive: isInteractive
  }, { timeoutMaxMs: limits.timeoutMaxMs })
  return {
    ...plan,
    compile: plan.compile === undefined ? undefined : { ...plan.compile, cpuMs: compile.cpuMs, memoryBytes: compile.memoryBytes },
    run: { ...plan.run, cpuMs: run.cpuMs, memoryBytes: run.memoryBytes }
  }
}
