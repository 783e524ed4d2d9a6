import Type, { type Static } from 'typebox'
import { closed, Nullable } from '../../lib/schemas.ts'
import { restartPolicies } from '../../sandbox/agent-protocol.ts'
import { commandProperties } from '../core/command.ts'
import { ColsSchema, RowsSchema } from './sockets/client-message.ts'

export const SizeSchema = Type.Object({ cols: ColsSchema, rows: RowsSchema }, closed)

/** Most bytes of input in one call. */
export const INPUT_BYTES = 256 * 1024

export const ProcessBodySchema = Type.Object({
  ...commandProperties,
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'for lists; a service needs one of its own' })),
  tty: Type.Optional(Type.Boolean({ description: 'whether it is given a terminal' })),
  size: Type.Optional(SizeSchema),
  keep: Type.Optional(Type.Boolean({ description: 'a service: it starts again with the project' })),
  keepAwake: Type.Optional(Type.Boolean({ description: 'a service may keep its project from being stopped as idle, for as long as the server allows' })),
  restart: Type.Optional(Type.Enum([...restartPolicies], { description: 'what happens when it ends by itself; default never, of services on-failure' }))
}, closed)
export type ProcessBody = Static<typeof ProcessBodySchema>

export const ProcessParamsSchema = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  process: Type.String({ minLength: 1, maxLength: 64 })
})

export const LogsQuerySchema = Type.Object({
  since: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'position of the first byte that is wanted; default the oldest that is kept' })),
  follow: Type.Optional(Type.Boolean({ description: 'goes on until the process ends' }))
}, closed)

export const SocketQuerySchema = Type.Object({
  cols: Type.Optional(ColsSchema),
  rows: Type.Optional(RowsSchema),
  since: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'position from which on bytes are wanted; default all that are kept' }))
}, { ...closed, dependencies: { cols: ['rows'], rows: ['cols'] } })

export const InputBodySchema = Type.Object({
  input: Type.String({ description: 'at most 256 KiB' }),
  end: Type.Optional(Type.Boolean({ description: 'it is the end of its input, where it has no terminal' }))
}, closed)

export const SignalBodySchema = Type.Object({ signal: Type.String({ minLength: 1, maxLength: 16, description: 'such as SIGINT; it goes to the process group' }) }, closed)

const UsageSchema = Type.Object({
  cpuTime: Type.Number({ description: 'milliseconds of CPU time, of what runs at the moment' }),
  memory: Type.Integer({ description: 'resident bytes' })
}, closed)

const MemberSchema = Type.Object({
  pid: Type.Integer(),
  parent: Type.Integer(),
  name: Type.String(),
  command: Type.Array(Type.String(), { description: 'its arguments, cut off after 256 bytes' }),
  usage: UsageSchema,
  ports: Type.Array(Type.Integer())
}, closed)

export const ProcessSchema = Type.Object({
  id: Type.String(),
  name: Nullable(Type.String()),
  cmd: Type.Union([Type.String(), Type.Array(Type.String())]),
  cwd: Nullable(Type.String()),
  pid: Nullable(Type.Integer({ description: 'null while it does not run' })),
  status: Type.Enum(['running', 'exited', 'restarting']),
  exitCode: Nullable(Type.Integer({ description: 'of its last end; null when a signal ended it' })),
  signal: Nullable(Type.String()),
  startedAt: Nullable(Type.String({ format: 'date-time' })),
  endedAt: Nullable(Type.String({ format: 'date-time' })),
  restarts: Type.Integer(),
  restart: Type.Enum([...restartPolicies]),
  keep: Type.Boolean(),
  keepAwake: Type.Boolean(),
  size: Nullable(SizeSchema),
  output: Type.Object({
    first: Type.Integer({ description: 'position of the oldest byte that is kept' }),
    end: Type.Integer({ description: 'bytes printed so far' })
  }, closed),
  usage: UsageSchema,
  ports: Type.Array(Type.Integer({ description: 'on which it or what it has started listens' })),
  tree: Type.Array(MemberSchema, { description: 'itself and what it has started, as long as they run' })
}, closed)
export type ProcessReport = Static<typeof ProcessSchema>

export const ProcessListSchema = Type.Object({
  processes: Type.Array(ProcessSchema),
  others: Type.Array(Type.Object({ id: Type.String({ description: 'with which it can be looked at and ended' }), ...MemberSchema.properties }, closed), {
    description: 'what else runs: what commands have left running'
  }),
  nextCursor: Nullable(Type.String({ description: 'always null: there are never many' }))
}, closed)
export type ProcessList = Static<typeof ProcessListSchema>
export type OtherProcess = ProcessList['others'][number]
