import { spawn } from 'node:child_process'
import { createLineSplitter } from '../lib/line-splitter.ts'

const OUTPUT_TAIL_LINES = 20

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv
  readonly onLine?: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

export type RunCommand = (file: string, args: readonly string[], options: CommandOptions) => Promise<void>

/** A program that could not be started or failed; the message ends with the last lines that it printed. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** Runs a program to its end, without a terminal to ask on; stdout and stderr are reported line by line. */
export const runCommand: RunCommand = async (file, args, { env, onLine, signal }) => {
  const tail: string[] = []
  const printLine = (line: string): void => {
    tail.push(line)
    if (tail.length > OUTPUT_TAIL_LINES) tail.shift()
    onLine?.(line)
  }
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], ...(signal === undefined ? {} : { signal }) })
  for (const stream of [child.stdout, child.stderr]) {
    const lines = createLineSplitter(printLine)
    stream.setEncoding('utf8').on('data', lines.write).on('end', lines.end)
  }
  const failure = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, killedBy) => resolve(code === 0 ? undefined : killedBy ?? `exit code ${code}`))
  })
  signal?.throwIfAborted()
  if (failure !== undefined) throw new CommandError([`${[file, ...args].join(' ')}: ${failure}`, ...tail].join('\n'))
}
