import Type, { type Static } from 'typebox'
import { closed, Nullable } from '../../lib/schemas.ts'
import { runStatuses } from '../../sandbox/run-summary.ts'
import { commandProperties } from '../core/command.ts'

export const ExecBodySchema = Type.Object({
  ...commandProperties,
  input: Type.Optional(Type.String({ description: 'standard input' })),
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
