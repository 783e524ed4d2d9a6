import Type, { type Static } from 'typebox'
import { closed, Nullable } from '../../../lib/schemas.ts'
import { encodings } from './request.ts'

const optionalNumber = (description: string) => Type.Optional(Type.Number({ description }))

/** For the OpenAPI page: request.ts checks bodies, since clients know Piston's messages. */
export const JobRequestSchema = Type.Object({
  language: Type.String({ description: 'a language of GET /api/v2/runtimes or one of its aliases' }),
  version: Type.String({ description: 'semver selector such as "3.x" or "*"' }),
  files: Type.Array(Type.Object({
    name: Type.Optional(Type.String({ description: 'default one that the language\'s tools take' })),
    content: Type.String(),
    encoding: Type.Optional(Type.Enum([...encodings], { default: 'utf8' }))
  }), { minItems: 1, description: 'the first that is text is the main file' }),
  stdin: Type.Optional(Type.String()),
  args: Type.Optional(Type.Array(Type.String())),
  compile_timeout: optionalNumber('wall-clock milliseconds; default 10000'),
  run_timeout: optionalNumber('wall-clock milliseconds; default 3000'),
  compile_cpu_time: optionalNumber('milliseconds; default 10000'),
  run_cpu_time: optionalNumber('milliseconds; default 3000'),
  compile_memory_limit: optionalNumber('bytes; default -1, as much as the server allows'),
  run_memory_limit: optionalNumber('bytes; default -1, as much as the server allows')
})

const StageResultSchema = Type.Object({
  stdout: Type.String(),
  stderr: Type.String(),
  output: Type.String({ description: 'stdout and stderr in the order in which they came' }),
  code: Nullable(Type.Integer({ description: 'null when it was ended by a signal' })),
  signal: Nullable(Type.String({ description: 'such as SIGKILL; null when it exited' })),
  message: Nullable(Type.String({ description: 'why it failed' })),
  status: Nullable(Type.Enum(['RE', 'SG', 'TO', 'OL', 'EL'], {
    description: 'runtime error, died of a signal, timeout (wall-clock or CPU), too much on stdout, too much on stderr'
  })),
  cpu_time: Nullable(Type.Integer({ description: 'milliseconds' })),
  wall_time: Nullable(Type.Integer({ description: 'milliseconds' })),
  memory: Nullable(Type.Integer({ description: 'bytes' }))
}, closed)
export type StageResult = Static<typeof StageResultSchema>

export const JobResultSchema = Type.Object({
  language: Type.String(),
  version: Type.String(),
  compile: Type.Optional(StageResultSchema),
  run: StageResultSchema
}, closed)
export type JobResult = Static<typeof JobResultSchema>

export const RuntimesSchema = Type.Array(Type.Object({
  language: Type.String(),
  version: Type.String(),
  aliases: Type.Array(Type.String())
}, closed))

export const ErrorSchema = Type.Object({ message: Type.String() }, closed)
