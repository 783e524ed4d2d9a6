import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { IdParams } from '../../lib/schemas.ts'
import { traceOf } from '../../plugins/audit.ts'
import type { KeyRow } from './repo.ts'
import { CreatedKeySchema, CreateKeyBodySchema, KeysSchema, ListKeysQuerySchema, type Key } from './schemas.ts'
import type { KeyService } from './service.ts'

export const keyRoutes: FastifyPluginAsyncTypebox<{ keys: KeyService }> = async (app, { keys }) => {
  app.post('/auth/keys', {
    schema: {
      operationId: 'createKey',
      summary: 'Make a key, shown this once',
      tags: ['auth'],
      body: CreateKeyBodySchema,
      response: { 201: CreatedKeySchema }
    }
  }, async (request, reply) => {
    const { row, key } = await keys.create(request.owner, request.body, traceOf(request))
    const { id, name, prefix, createdAt, expiresAt } = presentKey(row)
    return await reply.code(201).send({ id, name, key, prefix, createdAt, expiresAt })
  })

  app.get('/auth/keys', {
    schema: {
      operationId: 'listKeys',
      summary: 'Your keys, the newest first',
      tags: ['auth'],
      querystring: ListKeysQuerySchema,
      response: { 200: KeysSchema }
    }
  }, async (request) => {
    const { rows, nextCursor } = await keys.list(request.owner, request.query)
    return { keys: rows.map(presentKey), nextCursor }
  })

  app.delete('/auth/keys/:id', {
    schema: {
      operationId: 'deleteKey',
      summary: 'Delete a key; it is dead at once, open sockets included',
      tags: ['auth'],
      params: IdParams,
      response: { 204: Type.Null() }
    }
  }, async (request, reply) => {
    await keys.remove(request.owner, request.params.id, traceOf(request))
    return await reply.code(204).send(null)
  })
}

function presentKey ({ id, name, prefix, createdAt, expiresAt, lastUsedAt, isPredefined }: KeyRow): Key {
  return {
    id,
    name,
    prefix,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    predefined: isPredefined
  }
}
