import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { IdParams } from '../../lib/schemas.ts'
import { traceOf } from '../../plugins/audit.ts'
import { showFingerprint } from './public-key.ts'
import type { SshKeyRow } from './repo.ts'
import { CreateSshKeyBodySchema, ListSshKeysQuerySchema, SshKeySchema, SshKeysSchema, type SshKey } from './schemas.ts'
import type { SshKeyService } from './service.ts'

export const sshKeyRoutes: FastifyPluginAsyncTypebox<{ sshKeys: SshKeyService }> = async (app, { sshKeys }) => {
  const schema = <More extends object>(operationId: string, summary: string, more: More) => ({ operationId, summary, tags: ['auth'], ...more })

  app.post('/auth/ssh-keys', {
    schema: schema('createSshKey', 'Add a public key, to sign in with by SSH', { body: CreateSshKeyBodySchema, response: { 201: SshKeySchema } })
  }, async (request, reply) => await reply.code(201).send(presentSshKey(await sshKeys.create(request.owner, request.body, traceOf(request)))))

  app.get('/auth/ssh-keys', {
    schema: schema('listSshKeys', 'Your keys for SSH, the newest first', { querystring: ListSshKeysQuerySchema, response: { 200: SshKeysSchema } })
  }, async (request) => {
    const { rows, nextCursor } = await sshKeys.list(request.owner, request.query)
    return { sshKeys: rows.map(presentSshKey), nextCursor }
  })

  app.delete('/auth/ssh-keys/:id', {
    schema: schema('deleteSshKey', 'Delete a key; connections that it has opened end at once', { params: IdParams, response: { 204: Type.Null() } })
  }, async (request, reply) => {
    await sshKeys.remove(request.owner, request.params.id, traceOf(request))
    return await reply.code(204).send(null)
  })
}

function presentSshKey ({ id, name, type, fingerprint, createdAt, lastUsedAt }: SshKeyRow): SshKey {
  return { id, name, type, fingerprint: showFingerprint(fingerprint), createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null }
}
