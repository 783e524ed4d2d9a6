import semver from 'semver'
import type { Config } from '../../config.ts'
import { errors } from '../../errors.ts'
import { checkArguments, checkCommandSize, mergeEnvironment } from '../../programs/command.ts'
import { companionsOf, findMain, normaliseSources, type SourceLanguage } from '../../programs/language-sources.ts'
import { planFiles, type PlannedFile, type SourceFile } from '../../programs/source-files.ts'
import { encodeText } from '../../programs/text.ts'
import { expandCommand, expandEnvironment } from '../../sandbox/images/command-line.ts'
import type { ReadyRuntime } from '../languages/readiness.ts'
import { compileGlobs } from './artifacts.ts'
import { findPolicyMatches } from './policy.ts'
import type { ExecuteBody } from './execute-schemas.ts'

export interface Stage {
  readonly args: readonly [string, ...string[]]
  readonly wallMs: number
  /** CPU time of the whole tree; undefined is no limit. */
  readonly cpuMs?: number | undefined
  /** Of this stage, where it is not the run's. */
  readonly memoryBytes?: number | undefined
}

/** The bulk of a request: what is sent into the sandbox. */
export interface Cargo {
  readonly files: readonly PlannedFile[]
  readonly input: Buffer
}

/** A run with everything decided: what is checked once here is not looked at again. */
export interface ExecutionPlan {
  readonly runtime: ReadyRuntime
  /** Taken out when it is sent, or nobody will send it any more: a plan lives as long as its session. */
  cargo: Cargo
  readonly env: Readonly<Record<string, string>>
  readonly compile: Stage | undefined
  readonly run: Stage
  readonly memoryBytes: number
  readonly cpus: number
  readonly outputLimitBytes: number
  readonly artifacts: readonly string[]
  readonly outputEncoding: 'utf8' | 'base64'
  /** Input stays open after `input`, and whoever talks to the program is told when it waits for more. */
  readonly isInteractive: boolean
  /** Takes minutes rather than moments: it has slots of its own, so that it keeps no short run waiting. */
  readonly isLong: boolean
  /** What the policy has to say about the sources. */
  readonly warnings: readonly string[]
  /** The policy does not let it run: whoever would begin it refuses it instead. */
  readonly isBlocked: boolean
}

/** Bytes that a plan keeps in memory while it waits. */
export function cargoBytes ({ cargo: { files, input } }: ExecutionPlan): number {
  return files.reduce((sum, { path, content }) => sum + path.length + content.length, input.length)
}

export function takeCargo (plan: ExecutionPlan): Cargo {
  const { cargo } = plan
  plan.cargo = { files: [], input: Buffer.alloc(0) }
  return cargo
}

type ExecutionLimits = Config['execution']

const MIN_MEMORY_BYTES = 16 * 1024 * 1024

/** Turns a valid body into a plan, or throws the contract's error for what the schema cannot say. */
export function planExecution (body: ExecuteBody, runtime: ReadyRuntime, limits: ExecutionLimits, diskBytes: number): ExecutionPlan {
  checkVersion(body.version, runtime)
  compileGlobs(body.artifacts ?? [])
  const given = planFiles(sourcesOf(body, runtime.definition.mainFile), diskBytes)
  const main = planEntry(body.entry, given, runtime.definition)
  const files = normaliseSources(given, main, runtime.definition)
  const memoryBytes = within('memoryLimit', body.memoryLimit ?? runtime.definition.limits.memory, MIN_MEMORY_BYTES, limits.memoryMaxBytes, 'bytes')
  const warnings = limits.codePolicy === 'off' ? [] : findPolicyMatches(runtime.definition, main, files)
  const outputLimitBytes = within('outputLimit', body.outputLimit ?? limits.outputBytes, 1, limits.outputMaxBytes, 'bytes')
  const { compile, run, interactive, limits: defaults } = runtime.definition
  const companions = companionsOf(main, files.map(({ path }) => path), runtime.definition)
  const expand = (command: readonly string[]): [string, ...string[]] => expandCommand(command, { main, companions, memoryBytes })
  const isInteractive = body.interactive === true
  const ownEnv = expandEnvironment({ ...runtime.env, ...(isInteractive ? interactive?.env : {}) }, memoryBytes)
  // Who types needs longer than who computes.
  const wall = isInteractive
    ? { defaultMs: limits.interactiveTimeoutMs, maxMs: limits.interactiveTimeoutMaxMs }
    : { defaultMs: defaults.timeout, maxMs: limits.timeoutMaxMs }
  const plan: ExecutionPlan = {
    runtime,
    cargo: { files, input: encodeText('input', body.input ?? '') },
    env: mergeEnvironment(ownEnv, body.env ?? {}),
    compile: compile === undefined
      ? undefined
      : {
        args: expand(compile.command),
        wallMs: within('compileTimeout', body.compileTimeout ?? defaults.compileTimeout ?? defaults.timeout, 1, limits.timeoutMaxMs, 'ms'),
        ...(defaults.compileMemory === undefined ? {} : { memoryBytes: Math.max(memoryBytes, defaults.compileMemory) })
      },
    run: {
      args: [...expand(run.command), ...checkArguments(body.args ?? [])],
      wallMs: within('timeout', body.timeout ?? wall.defaultMs, 1, wall.maxMs, 'ms')
    },
    memoryBytes,
    cpus: defaults.cpus,
    outputLimitBytes,
    artifacts: body.artifacts ?? [],
    outputEncoding: body.encoding ?? 'utf8',
    isInteractive,
    isLong: isInteractive,
    warnings,
    isBlocked: limits.codePolicy === 'block' && warnings.length > 0
  }
  for (const stage of [plan.compile, plan.run]) {
    if (stage !== undefined) checkCommandSize({ args: stage.args, env: plan.env })
  }
  return plan
}

function within (name: string, value: number, minimum: number, maximum: number, unit: string): number {
  if (value < minimum || value > maximum) throw new errors.BAD_LIMIT(name, `${minimum} to ${maximum} ${unit}`)
  return value
}

function checkVersion (range: string | undefined, runtime: ReadyRuntime): void {
  if (range === undefined) return
  if (!semver.satisfies(runtime.version, range)) {
    throw new errors.UNKNOWN_VERSION(runtime.definition.language, range, runtime.version)
  }
}

function sourcesOf (body: ExecuteBody, mainFile: string): SourceFile[] {
  const sources: SourceFile[] = [
    ...(body.code === undefined ? [] : [{ path: mainFile, content: body.code }]),
    ...(body.files ?? [])
  ]
  if (sources.length === 0) throw new errors.BAD_REQUEST('Send the program as "code" or as "files"')
  return sources
}

function planEntry (entry: string | undefined, files: readonly PlannedFile[], language: SourceLanguage): string {
  const paths = files.map(({ path }) => path)
  const main = entry === undefined ? findMain(paths, language) : paths.find((path) => path === entry)
  if (main === undefined) throw new errors.BAD_REQUEST(`The entry ${JSON.stringify(entry)} is none of the files`)
  return main
}
