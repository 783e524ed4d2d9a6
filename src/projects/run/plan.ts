import { posix } from 'node:path'
import { errors } from '../../errors.ts'
import { expandCommand, expandEnvironment } from '../../sandbox/images/command-line.ts'
import type { Runtime } from '../../sandbox/images/catalogue.ts'
import type { BerthJson, Command } from './berth-json.ts'
import { compiledLine, placeOf } from './compiled.ts'
import { withPackages } from './packages.ts'
import type { RunBody } from './schemas.ts'
import { quote } from './shell.ts'

export interface RunPlan {
  readonly name: string
  readonly cmd: Command
  readonly env: Readonly<Record<string, string>>
}

export interface RunContext {
  /** Of this run. */
  readonly id: string
  readonly berthJson: BerthJson
  readonly runtime: Runtime | undefined
  readonly memoryBytes: number
  /** Of the directory that the file is in: paths beneath the project. */
  readonly neighbours: readonly string[]
}

/** What runs a file, or the project: what berth.json says, else what its language has for programs of one file or several. */
export function planRun (body: RunBody, context: RunContext): RunPlan {
  const { berthJson, runtime } = context
  const { name, cmd, env } = planCommand(body, context)
  return { name, cmd: withPackages(cmd, berthJson.packages, runtime), env: { ...env, ...environmentOf(berthJson) } }
}

/** What berth.json says of the environment of all that it starts. */
export function environmentOf ({ preview, env }: BerthJson): Record<string, string> {
  return { ...(preview === undefined ? {} : { PORT: String(preview) }), ...env }
}

function planCommand ({ task = 'run', path, args = [] }: RunBody, context: RunContext): RunPlan {
  const { berthJson, runtime } = context
  if (task !== 'run') {
    const command = berthJson[task]
    if (command === undefined) throw new errors.NOTHING_TO_RUN(`berth.json says nothing about "${task}". Give it a command for it`)
    return { name: task, cmd: withArguments(command, args), env: {} }
  }
  const own = commandOf(berthJson.run, path)
  if (own !== undefined) return { name: path ?? 'run', cmd: withArguments(own, args), env: {} }
  return { name: path ?? runtime?.mainFile ?? 'run', ...planByRuntime(path, args, context) }
}

function commandOf (run: BerthJson['run'], path: string | undefined): Command | undefined {
  if (run === undefined) return undefined
  if (typeof run === 'string' || Array.isArray(run)) return path === undefined ? run : undefined
  if (path === undefined) return undefined
  const named = [path, `*${posix.extname(path)}`].find((name) => Object.hasOwn(run, name))
  const command = named === undefined ? undefined : run[named]
  if (command === undefined) return undefined
  return typeof command === 'string' ? command.replaceAll('{path}', () => quote(path)) : command.map((word) => word === '{path}' ? path : word)
}

function planByRuntime (path: string | undefined, args: readonly string[], { id, runtime, memoryBytes, neighbours }: Omit<RunContext, 'berthJson'>): Pick<RunPlan, 'cmd' | 'env'> {
  if (runtime === undefined) throw new errors.NOTHING_TO_RUN('Nothing is known of how this project is run. Say so in berth.json: {"run": "…"}')
  const main = path ?? runtime.mainFile
  if (!neighbours.includes(main)) {
    throw new errors.NOTHING_TO_RUN(path === undefined
      ? `There is no ${main}. Name a file with "path", or say in berth.json what is to be run: {"run": "…"}`
      : `There is no file ${JSON.stringify(path)}`)
  }
  const extensions = new Set([runtime.extension, ...runtime.extensions ?? []].map((extension) => `.${extension}`))
  const extension = posix.extname(main)
  // One without is a script like any other.
  if (path !== undefined && extension !== '' && !extensions.has(extension)) {
    throw new errors.NOTHING_TO_RUN(`Nothing is known of how files with ${JSON.stringify(extension)} are run in this project. Say so in berth.json: {"run": {${JSON.stringify(`*${extension}`)}: "…"}}`)
  }
  // A file by itself is run by itself; the project is all of its sources.
  const companions = path === undefined ? neighbours.filter((other) => other !== main && extensions.has(posix.extname(other))) : []
  const place = placeOf(id)
  const expand = (command: readonly string[]): string => expandCommand(command, { main, companions, memoryBytes, out: place }).map(quote).join(' ')
  const run = [expand(runtime.run.command), ...args.map(quote)].join(' ')
  const env = expandEnvironment(runtime.env, memoryBytes)
  if (runtime.compile === undefined) return { cmd: `exec ${run}`, env }
  return { cmd: compiledLine({ compile: expand(runtime.compile.command), run, makes: runtime.compile.makes, place }), env: { ...env, BERTH_OUT: place } }
}

/** Arguments are words of their own, whatever is in them. */
function withArguments (command: Command, args: readonly string[]): Command {
  if (args.length === 0) return command
  return typeof command === 'string' ? [command, ...args.map(quote)].join(' ') : [...command, ...args]
}
