import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { closed, Instant } from '../../../lib/schemas.ts'
import { traceOf } from '../../../plugins/audit.ts'
import type { ProjectOf } from '../../core/access.ts'
import { ProjectParamsSchema } from '../../core/schemas.ts'
import type { CredentialService } from './service.ts'

export interface CredentialRoutesOptions {
  readonly projectOf: ProjectOf
  readonly credentials: CredentialService
}

const Host = Type.String({ minLength: 1, maxLength: 100, pattern: '^[a-z0-9.\\-:[\\]]+$', 'x-form': 'must be a host in lower case, with its port where that is not 443', description: 'with its port where that is not 443' })
// Lines are what git's helpers speak in.
const Line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[^\\p{Cc}]+$', 'x-form': 'must be one line, without control characters' })

const CredentialParamsSchema = Type.Object({ ...ProjectParamsSchema.properties, host: Host })
const CredentialBodySchema = Type.Object({ username: Line(256), password: Line(4_096) }, closed)
const CredentialsSchema = Type.Object({
  credentials: Type.Array(Type.Object({ host: Type.String(), username: Type.String(), updatedAt: Instant }, closed))
}, closed)

export const credentialRoutes: FastifyPluginAsyncTypebox<CredentialRoutesOptions> = async (app, { projectOf, credentials }) => {
  const tags = ['git']

  function note (request: FastifyRequest, action: string, subject: string, host: string): void {
    app.audit({ ...traceOf(request), action, userId: request.owner, subject, details: { host } })
  }

  app.get('/projects/:id/git/credentials', {
    config: { access: 'own' },
    schema: { operationId: 'listGitCredentials', summary: 'The hosts that the project\'s git can sign in to; passwords never come back', tags, params: ProjectParamsSchema, response: { 200: CredentialsSchema } }
  }, async (request) => {
    const { id } = await projectOf(request)
    return { credentials: (await credentials.list(id)).map(({ host, username, updatedAt }) => ({ host, username, updatedAt: updatedAt.toISOString() })) }
  })

  app.put('/projects/:id/git/credentials/:host', {
    config: { access: 'own' },
    schema: { operationId: 'setGitCredential', summary: 'What fetch, pull and push show to a host by https: a name, and a password or token', tags, params: CredentialParamsSchema, body: CredentialBodySchema, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { host } = request.params
    const { id } = await projectOf(request)
    await credentials.set(id, host, request.body)
    note(request, 'credential.set', id, host)
    return await reply.code(204).send(null)
  })

  app.delete('/projects/:id/git/credentials/:host', {
    config: { access: 'own' },
    schema: { operationId: 'deleteGitCredential', summary: 'Delete what is kept for a host', tags, params: CredentialParamsSchema, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { host } = request.params
    const { id } = await projectOf(request)
    await credentials.remove(id, host)
    note(request, 'credential.delete', id, host)
    return await reply.code(204).send(null)
  })
}
