import { errors } from '../errors.ts'
import { encodeText } from './text.ts'

// An agent's RUN must fit into one frame of 64 KiB; a field costs five bytes beside its value.
const MAX_COMMAND_BYTES = 60 * 1024
const FIELD_BYTES = 5

export function checkArguments (args: readonly string[]): readonly string[] {
  for (const argument of args) {
    if (argument.includes('\0')) throw new errors.BAD_REQUEST('An argument has a NUL byte')
    encodeText('an argument', argument)
  }
  return args
}

/** What a client adds to an environment, laid over it. */
export function mergeEnvironment (base: Readonly<Record<string, string>>, given: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, value] of Object.entries(given)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new errors.BAD_REQUEST(`${JSON.stringify(name)} is not a name for an environment variable`)
    if (value.includes('\0')) throw new errors.BAD_REQUEST(`The environment variable ${name} has a NUL byte`)
    encodeText(`the environment variable ${name}`, value)
  }
  return { ...base, ...given }
}

export function checkCommandSize ({ args, env }: { args: readonly string[], env: Readonly<Record<string, string>> }): void {
  const words = [...args, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)]
  const bytes = words.reduce((sum, word) => sum + Buffer.byteLength(word) + FIELD_BYTES, 0)
  if (bytes > MAX_COMMAND_BYTES) {
    throw new errors.TOO_LARGE(`Arguments and environment are ${bytes} bytes together, at most ${MAX_COMMAND_BYTES} are possible: send more as a file or as input`)
  }
}
