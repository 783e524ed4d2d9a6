import Type, { type Static } from 'typebox'
import { sessionStatuses } from '../../db/schema/execution-sessions.ts'
import { closed, Instant, Nullable } from '../../lib/schemas.ts'
import { signalNames } from '../../lib/signals.ts'
import { ExecuteBodySchema } from './execute-schemas.ts'
import { ResultSummarySchema } from './summary.ts'

export const SessionParamsSchema = Type.Object({ sessionId: Type.String({ minLength: 1, maxLength: 64 }) }, closed)

/** What a client may say to a session. */
export const ClientMessageSchema = Type.Union([
  Type.Object({ type: Type.Literal('input'), data: Type.String() }, closed),
  Type.Object({ type: Type.Literal('eof') }, closed),
  Type.Object({ type: Type.Literal('signal'), signal: Type.Enum([...signalNames]) }, closed),
  Type.Object({ type: Type.Literal('kill') }, closed)
])
export type ClientMessage = Static<typeof ClientMessageSchema>

/** The first message on a socket that brings its own program. */
export const ExecuteMessageSchema = Type.Object({ type: Type.Literal('execute'), ...ExecuteBodySchema.properties }, closed)

export const AcceptedSchema = Type.Object({
  sessionId: Type.String({ format: 'uuid' }),
  status: Type.Literal('queued'),
  url: Type.String({ description: 'of the WebSocket, or by GET of the event stream, that follows the session' })
}, closed)

export const FollowQuerySchema = Type.Object({
  since: Type.Optional(Type.Integer({ minimum: 0, default: 0, description: 'the last output message that the client has' }))
}, closed)

const SessionSchema = Type.Object({
  sessionId: Type.String({ format: 'uuid' }),
  language: Type.String(),
  version: Type.String(),
  interactive: Type.Boolean(),
  status: Type.Enum([...sessionStatuses]),
  message: Nullable(Type.String({ description: 'why it was killed, or failed' })),
  exitCode: Nullable(Type.Integer()),
  signal: Nullable(Type.String()),
  executionTime: Nullable(Type.Number({ description: 'milliseconds' })),
  cpuTime: Nullable(Type.Number({ description: 'milliseconds' })),
  memory: Nullable(Type.Integer({ description: 'bytes' })),
  logTruncated: Type.Boolean({ description: 'whether the end of the output was not recorded' }),
  createdAt: Instant,
  startedAt: Nullable(Instant),
  finishedAt: Nullable(Instant)
}, closed)
export type SessionView = Static<typeof SessionSchema>

export const SessionDetailSchema = Type.Object({
  ...SessionSchema.properties,
  result: Nullable(ResultSummarySchema)
}, closed)

export const ListSessionsQuerySchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  cursor: Type.Optional(Type.String({ maxLength: 100 })),
  status: Type.Optional(Type.Enum([...sessionStatuses])),
  language: Type.Optional(Type.String({ minLength: 1, maxLength: 64 }))
}, closed)
export type ListSessionsQuery = Static<typeof ListSessionsQuerySchema>

export const SessionsSchema = Type.Object({
  sessions: Type.Array(SessionSchema),
  nextCursor: Nullable(Type.String())
}, closed)

export const LogsQuerySchema = Type.Object({
  since: Type.Optional(Type.Integer({ minimum: 0, default: 0, description: 'the last message that the client has' })),
  cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,10}$', 'x-form': 'must be what nextCursor has given', description: 'the same, as nextCursor gives it' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 }))
}, closed)

const LogSchema = Type.Object({
  seq: Type.Integer(),
  stage: Type.Enum(['compile', 'run']),
  stream: Type.Enum(['stdout', 'stderr']),
  data: Type.String(),
  timestamp: Instant
}, closed)
export type Log = Static<typeof LogSchema>

export const LogsSchema = Type.Object({
  logs: Type.Array(LogSchema),
  nextCursor: Nullable(Type.String())
}, closed)
