import Type, { type Static } from 'typebox'
import { errors } from '../../errors.ts'
import { checkArguments, checkCommandSize, mergeEnvironment } from '../../programs/command.ts'
import type { CommandRequest } from '../../sandbox/agent-protocol.ts'
import { pathProblem } from '../../sandbox/paths.ts'

/** Of commands and terminals: the first that an image has. */
const SHELLS = ['/bin/bash', '/usr/local/bin/bash', '/bin/sh']
const [SHELL] = SHELLS as [string]

/** What every command of a project is told, in a terminal or not. */
export const shellEnvironment = { LANG: 'C.UTF-8', USER: 'sandbox', LOGNAME: 'sandbox', SHELL }

/** The shell of a terminal. */
export const loginShell: [string, ...string[]] = [SHELL, '-l']

/** What says what is to be started in a project. */
export const commandProperties = {
  cmd: Type.Union([
    Type.String({ minLength: 1, description: 'a line for the shell: bash, or sh where there is none' }),
    Type.Array(Type.String(), { minItems: 1, maxItems: 256, description: 'a program and its arguments, as they are' })
  ]),
  cwd: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: 'relative to the project\'s directory' })),
  env: Type.Optional(Type.Record(Type.String(), Type.String()))
}
const CommandSchema = Type.Object(commandProperties)
export type CommandBody = Static<typeof CommandSchema>

/** Turns a valid body into what the agent starts, or throws the contract's error for what the schema cannot say. */
export function planCommand ({ cmd, cwd, env }: CommandBody, given: Readonly<Record<string, string>>): CommandRequest & { env: Record<string, string> } {
  if (cwd !== undefined) {
    const problem = pathProblem(cwd)
    if (problem !== undefined) throw new errors.BAD_PATH(JSON.stringify(cwd), problem)
  }
  const args = toArguments(cmd)
  checkArguments(args)
  const merged = mergeEnvironment(given, env ?? {})
  checkCommandSize({ args, env: merged })
  return { args, env: merged, cwd }
}

function toArguments (cmd: CommandBody['cmd']): [string, ...string[]] {
  if (typeof cmd === 'string') return [SHELL, '-c', cmd]
  const [program, ...rest] = cmd
  if (program === undefined || program === '') throw new errors.BAD_REQUEST('The first of cmd is the program and cannot be empty')
  return [program, ...rest]
}

/** The same for an image that has not got this shell; undefined where that is not the reason. */
export function withFallbackShell<Command extends CommandRequest> (command: Command): Command | undefined {
  const [program, ...rest] = command.args
  const next = SHELLS.includes(program) ? SHELLS[SHELLS.indexOf(program) + 1] : undefined
  if (next === undefined) return undefined
  return { ...command, args: [next, ...rest], env: { ...command.env, ...(command.env?.SHELL === program ? { SHELL: next } : {}) } }
}
