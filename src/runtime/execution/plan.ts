import semver from 'semver'
import type { Config } from '../../config.ts'
import { errors } from '../../errors.ts'
import { pathProblem } from '../../sandbox/paths.ts'
import type { ReadyRuntime } from '../languages/readiness.ts'
import type { ExecuteBody, SourceFile } from './schemas.ts'

export interface PlannedFile {
  readonly path: string
  readonly content: Buffer
}

export interface Stage {
  readonly args: readonly [string, ...string[]]
  readonly wallMs: number
}

/** A run with everything decided: what is checked once here is not looked at again. */
export interface ExecutionPlan {
  readonly runtime: ReadyRuntime
  readonly files: readonly PlannedFile[]
  readonly input: Buffer
  readonly env: Readonly<Record<string, string>>
  readonly compile: Stage | undefined
  readonly run: Stage
  readonly memoryBytes: number
  readonly outputLimitBytes: number
  readonly artifacts: readonly string[]
  readonly outputEncoding: 'utf8' | 'base64'
}

type ExecutionLimits = Config['execution']

// An agent's RUN must fit into one frame of 64 KiB; a field costs five bytes beside its value.
const MAX_COMMAND_BYTES = 60 * 1024
const FIELD_BYTES = 5
const MIN_MEMORY_BYTES = 16 * 1024 * 1024

/** Turns a valid body into a plan, or throws the contract's error for what the schema cannot say. */
export function planExecution (body: ExecuteBody, runtime: ReadyRuntime, limits: ExecutionLimits, diskBytes: number): ExecutionPlan {
  if (body.interactive === true) throw new errors.BAD_REQUEST('"interactive" is not supported yet: leave it out')
  checkVersion(body.version, runtime)
  const files = planFiles(body, runtime.definition.mainFile, limits.filesMax, diskBytes)
  const main = planEntry(body.entry, files)
  const memoryBytes = within('memoryLimit', body.memoryLimit ?? runtime.definition.limits.memory, MIN_MEMORY_BYTES, limits.memoryMaxBytes, 'bytes')
  const outputLimitBytes = within('outputLimit', body.outputLimit ?? limits.outputBytes, 1, limits.outputMaxBytes, 'bytes')
  const substitute = (command: readonly string[]): [string, ...string[]] => {
    const [program = '', ...rest] = command.map((word) => word
      .replaceAll('{main}', main)
      .replaceAll('{memoryMb}', String(Math.floor(memoryBytes / 1024 ** 2))))
    return [program, ...rest]
  }
  const { compile, run, limits: defaults } = runtime.definition
  const plan: ExecutionPlan = {
    runtime,
    files,
    input: encodeText('input', body.input ?? ''),
    env: planEnvironment(body.env ?? {}, runtime.env),
    compile: compile === undefined
      ? undefined
      : {
          args: substitute(compile.command),
          wallMs: within('compileTimeout', body.compileTimeout ?? defaults.compileTimeout ?? defaults.timeout, 1, limits.timeoutMaxMs, 'ms')
        },
    run: {
      args: [...substitute(run.command), ...planArguments(body.args ?? [])],
      wallMs: within('timeout', body.timeout ?? defaults.timeout, 1, limits.timeoutMaxMs, 'ms')
    },
    memoryBytes,
    outputLimitBytes,
    artifacts: body.artifacts ?? [],
    outputEncoding: body.encoding ?? 'utf8'
  }
  checkCommandSize(plan)
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

function planFiles (body: ExecuteBody, mainFile: string, filesMax: number, diskBytes: number): PlannedFile[] {
  const sources: SourceFile[] = [
    ...(body.code === undefined ? [] : [{ path: mainFile, content: body.code }]),
    ...(body.files ?? [])
  ]
  if (sources.length === 0) throw new errors.BAD_REQUEST('Send the program as "code" or as "files"')
  if (sources.length > filesMax) throw new errors.BAD_REQUEST(`At most ${filesMax} files can be sent, these are ${sources.length}`)
  const files = sources.map(decodeFile)
  checkNames(files)
  const total = files.reduce((sum, file) => sum + file.content.length, 0)
  if (total > diskBytes) throw new errors.TOO_LARGE(`The files are ${total} bytes together, the sandbox holds ${diskBytes}`)
  return files
}

function decodeFile (file: SourceFile): PlannedFile {
  const problem = pathProblem(file.path)
  if (problem !== undefined) throw new errors.BAD_PATH(JSON.stringify(file.path), problem)
  if (file.encoding !== 'base64') return { path: file.path, content: encodeText(`the content of ${file.path}`, file.content) }
  const content = Buffer.from(file.content, 'base64')
  // Buffer.from skips what is not base64; only what comes back the same was valid.
  if (content.toString('base64') !== file.content) {
    throw new errors.BAD_REQUEST(`The content of ${JSON.stringify(file.path)} is not valid base64`)
  }
  return { path: file.path, content }
}

function encodeText (what: string, text: string): Buffer {
  if (!text.isWellFormed()) throw new errors.BAD_REQUEST(`A lone surrogate is in ${what}: send bytes that are not text with "encoding": "base64"`)
  return Buffer.from(text)
}

function checkNames (files: readonly PlannedFile[]): void {
  const names = new Set<string>()
  for (const { path } of files) {
    if (names.has(path)) throw new errors.BAD_PATH(JSON.stringify(path), 'is given twice')
    names.add(path)
  }
  for (const { path } of files) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const parent = path.slice(0, slash)
      if (names.has(parent)) throw new errors.BAD_PATH(JSON.stringify(path), `needs a directory where the file ${JSON.stringify(parent)} is`)
    }
  }
}

function planEntry (entry: string | undefined, files: readonly PlannedFile[]): string {
  const main = entry === undefined ? files[0] : files.find(({ path }) => path === entry)
  if (main === undefined) throw new errors.BAD_REQUEST(`The entry ${JSON.stringify(entry)} is none of the files`)
  // A main file such as "-c.py" would be read as an option.
  return main.path.startsWith('-') ? `./${main.path}` : main.path
}

function planArguments (args: readonly string[]): readonly string[] {
  for (const argument of args) {
    if (argument.includes('\0')) throw new errors.BAD_REQUEST('An argument has a NUL byte')
    encodeText('an argument', argument)
  }
  return args
}

function planEnvironment (given: Record<string, string>, base: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, value] of Object.entries(given)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new errors.BAD_REQUEST(`${JSON.stringify(name)} is not a name for an environment variable`)
    if (value.includes('\0')) throw new errors.BAD_REQUEST(`The environment variable ${name} has a NUL byte`)
    encodeText(`the environment variable ${name}`, value)
  }
  return { ...base, ...given }
}

function checkCommandSize (plan: ExecutionPlan): void {
  const words = [...plan.run.args, ...Object.entries(plan.env).map(([name, value]) => `${name}=${value}`)]
  const bytes = words.reduce((sum, word) => sum + Buffer.byteLength(word) + FIELD_BYTES, 0)
  if (bytes > MAX_COMMAND_BYTES) {
    throw new errors.TOO_LARGE(`Arguments and environment are ${bytes} bytes together, at most ${MAX_COMMAND_BYTES} are possible: send more as a file or as input`)
  }
}
