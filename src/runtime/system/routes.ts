import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type, { type Static } from 'typebox'
import { DiskSchema } from '../../disk/schemas.ts'
import { closed, Nullable } from '../../lib/schemas.ts'

const Milliseconds = Type.Union([Type.Number(), Type.Null()], { description: 'milliseconds; null before the first run' })

const load = {
  running: Type.Integer(),
  queued: Type.Integer(),
  concurrency: Type.Integer({ description: 'at once' }),
  burst: Type.Integer({ description: 'beyond it, of owners who have hardly run anything lately, one each' })
}

const SystemSchema = Type.Object({
  version: Type.String(),
  uptime: Type.Integer({ description: 'milliseconds' }),
  engine: Type.Object({
    version: Type.Union([Type.String(), Type.Null()]),
    apiVersion: Type.Union([Type.String(), Type.Null()]),
    reachable: Type.Boolean()
  }, closed),
  network: Type.Object({
    egress: Type.Enum(['internet', 'none', 'list', 'unfiltered'], { description: 'what projects may reach' }),
    enforcedBy: Type.Union([Type.String(), Type.Null()], { description: 'where its rules are set; null when there are none' }),
    previewPortPublished: Type.Boolean(),
    problem: Type.Union([Type.String(), Type.Null()], { description: 'what is not as it was asked for, and what to do about it' })
  }, closed),
  ssh: Nullable(Type.Object({
    host: Type.String(),
    port: Type.Integer(),
    hostKey: Type.Object({ type: Type.String(), fingerprint: Type.String({ description: 'as clients ask whether it is right' }) }, closed)
  }, { ...closed, description: 'where projects are reached by SSH; null where they are not' })),
  capacity: Type.Object({
    ...load,
    sessions: Type.Object(load, { ...closed, description: 'interactive sessions and backends, which have slots of their own' }),
    warm: Type.Record(Type.String(), Type.Integer(), { description: 'fresh sandboxes waiting, by language' })
  }, closed),
  disk: DiskSchema,
  latency: Type.Object({ p50: Milliseconds, p95: Milliseconds, p99: Milliseconds }, closed)
}, closed)
export type System = Static<typeof SystemSchema>

export const systemRoutes: FastifyPluginAsyncTypebox<{ describeSystem: () => Promise<System> }> = async (app, { describeSystem }) => {
  app.get('/api/system', {
    schema: {
      operationId: 'describeSystem',
      summary: 'Versions, capacity and latency of this server',
      tags: ['system'],
      response: { 200: SystemSchema }
    }
  }, async () => await describeSystem())
}
