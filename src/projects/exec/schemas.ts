import Type, { type Static } from 'typebox'
import { closed, Nullable } from '../../lib/schemas.ts'
import { runStatuses } from '../../sandbox/run-summary.ts'

export const ExecBodySchema = Type.Object({
  cmd: Type.Union([
    Type.String({ minLength: 1, description: 'a line for the shell: bash, or sh where there is none' }),
    Type.Array(Type.String(), { minItems: 1, maxItems: 256, description: 'a program and its arguments, as they are' })
  ]),
  input: Type.Optional(Type.String({ description: 'standard input' })),
  cwd: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: 'relative to the project\'s directory' })),
  env: Type.Optional(Type.Record(Type.String(), Type.String())),
  timeout: Type.Optional(Type.Integer({ minimum: 1, description: 'wall-clock limit in milliseconds; default 60 s' }))
}, closed)
export type ExecBody = Static<typeof ExecBodySchema>

export const ExecResultSchema = Type.Object({
  output: Type.String(),
  error: Type.String(),
  exitCode: Nullable(Type.Integer({ description: 'null when it was ended by a signal' })),
  signal: Nullable(Type.String({ description: 'such as SIGSEGV' })),
  status: Type.Enum([...runStatuses]),
  executionTime: Type.Number({ description: 'wall-clock milliseconds from the start of the command to its end' }),
  truncated: Type.Object({ output: Type.Boolean(), error: Type.Boolean() }, closed),
  left: Type.Array(Type.Object({ pid: Type.Integer(), name: Type.String() }, closed), { description: 'what the command has started and left running, at most 64: it runs on until it ends, is killed, or the project is stopped' })
}, closed)
export type ExecResult = Static<typeof ExecResultSchema>
