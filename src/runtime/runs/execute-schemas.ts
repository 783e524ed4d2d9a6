import Type, { type Static } from 'typebox'
import { closed, Nullable } from '../../lib/schemas.ts'
import { SourceFileSchema } from '../../programs/source-files.ts'

export const ExecuteBodySchema = Type.Object({
  language: Type.String({ minLength: 1, maxLength: 64, description: 'a language of GET /api/languages or one of its aliases' }),
  version: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'semver range such as "3.x"; default any' })),
  code: Type.Optional(Type.String({ description: 'short for one file' })),
  files: Type.Optional(Type.Array(SourceFileSchema, { minItems: 1 })),
  entry: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: 'path of the main file; default the first' })),
  input: Type.Optional(Type.String({ description: 'standard input' })),
  args: Type.Optional(Type.Array(Type.String(), { maxItems: 256 })),
  env: Type.Optional(Type.Record(Type.String(), Type.String(), { maxProperties: 1000 })),
  timeout: Type.Optional(Type.Integer({ minimum: 1, description: 'wall-clock limit in milliseconds' })),
  compileTimeout: Type.Optional(Type.Integer({ minimum: 1, description: 'the same for the compiler' })),
  memoryLimit: Type.Optional(Type.Integer({ minimum: 1, description: 'bytes' })),
  outputLimit: Type.Optional(Type.Integer({ minimum: 1, description: 'bytes, for each of output and error' })),
  artifacts: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 32, description: 'globs of files to send back' })),
  encoding: Type.Optional(Type.Enum(['utf8', 'base64'], { default: 'utf8', description: 'of output and error in the answer' })),
  interactive: Type.Optional(Type.Boolean({ default: false }))
}, closed)
export type ExecuteBody = Static<typeof ExecuteBodySchema>

const statuses = ['completed', 'runtime_error', 'compile_error', 'timeout', 'memory_limit', 'output_limit', 'killed', 'internal_error'] as const
export type Status = typeof statuses[number]

const StatusSchema = Type.Enum([...statuses])

export const CompileReportSchema = Type.Object({
  status: StatusSchema,
  exitCode: Nullable(Type.Integer()),
  signal: Nullable(Type.String()),
  output: Type.String(),
  error: Type.String(),
  executionTime: Type.Number({ description: 'milliseconds' })
}, closed)
export type CompileReport = Static<typeof CompileReportSchema>

const ArtifactSchema = Type.Object({
  path: Type.String(),
  size: Type.Integer(),
  mediaType: Type.String(),
  content: Type.String({ description: 'base64' })
}, closed)
export type Artifact = Static<typeof ArtifactSchema>

export const ExecuteResultSchema = Type.Object({
  sessionId: Type.String({ format: 'uuid' }),
  language: Type.String(),
  version: Type.String(),
  status: StatusSchema,
  exitCode: Nullable(Type.Integer({ description: 'null when it was ended by a signal' })),
  signal: Nullable(Type.String({ description: 'such as SIGSEGV' })),
  output: Type.String(),
  error: Type.String(),
  executionTime: Type.Number({ description: 'wall-clock milliseconds from the start of the program to its end' }),
  cpuTime: Type.Number({ description: 'user and system milliseconds of all its processes' }),
  memory: Type.Integer({ description: 'peak resident bytes of its largest process' }),
  truncated: Type.Object({ output: Type.Boolean(), error: Type.Boolean() }, closed),
  compile: Type.Optional(CompileReportSchema),
  artifacts: Type.Optional(Type.Array(ArtifactSchema)),
  errorKind: Nullable(Type.Enum(['syntax', 'runtime'])),
  warnings: Type.Array(Type.String())
}, closed)
export type ExecuteResult = Static<typeof ExecuteResultSchema>
