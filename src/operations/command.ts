import type { Readable } from 'node:stream'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { OperationError } from './errors.ts'

/** What a command has of the process. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  /** Who we are; undefined where there are no such numbers. */
  readonly uid: number | undefined
  readonly stdin: Readable
  readonly stdout: NodeJS.WritableStream
  /** One line, for whoever started it; not part of the result. */
  readonly say: (line: string) => void
}

export interface Arguments {
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  readonly lists: Readonly<Record<string, readonly string[]>>
}

export interface Command {
  /** As it stands in the help: words in brackets may be left out. */
  readonly usage: string
  readonly summary: string
  readonly words: readonly [least: number, most: number]
  readonly options?: NonNullable<ParseArgsConfig['options']>
  /** Returns the exit code, if not 0. */
  readonly run: (given: Arguments, surroundings: Surroundings) => Promise<number | undefined | void>
}

/** By the words that name each, one or two. */
export type Commands = Readonly<Record<string, Command>>

export interface Chosen {
  readonly command: Command
  readonly given: Arguments
}

/** Undefined where help is asked for. Throws OperationError for what is no command, or has arguments that it does not take. */
export function chooseCommand (commands: Commands, args: readonly string[]): Chosen | undefined {
  if (args.length === 0 || args.some((word) => word === '--help' || word === '-h') || args[0] === 'help') return undefined
  const name = [args.slice(0, 2).join(' '), args[0] ?? ''].find((candidate) => Object.hasOwn(commands, candidate))
  const command = commands[name ?? '']
  if (name === undefined || command === undefined) throw new OperationError(`there is no command "${args.slice(0, 2).join(' ')}": berth --help lists them`)
  const { positionals: words, values } = parse(command, args.slice(name.split(' ').length))
  const [least, most] = command.words
  if (words.length < least || words.length > most) throw new OperationError(`it is: berth ${command.usage}`)
  const entries = Object.entries(values)
  return {
    command,
    given: {
      words,
      options: Object.fromEntries(entries.filter(([, value]) => !Array.isArray(value))) as Arguments['options'],
      lists: Object.fromEntries(entries.filter(([, value]) => Array.isArray(value))) as Arguments['lists']
    }
  }
}

function parse ({ usage, options = {} }: Command, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new OperationError(`${(error as Error).message.split('. ')[0] ?? ''}. It is: berth ${usage}`, { cause: error })
  }
}

export function helpOf (commands: Commands): string {
  const width = Math.max(...Object.values(commands).map(({ usage }) => usage.length)) + 2
  const lines = Object.values(commands).map(({ usage, summary }) => width > 60 ? `  ${usage}\n      ${summary}` : `  ${usage.padEnd(width)}${summary}`)
  return ['berth <command>, with the settings of the server in the environment.', '', ...lines, ''].join('\n')
}
