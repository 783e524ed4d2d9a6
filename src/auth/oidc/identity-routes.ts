import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { toPage } from '../../db/page.ts'
import { errors } from '../../errors.ts'
import { readCursor } from '../../http/cursor.ts'
import { closed, IdParams, Instant, Nullable, pageQuery } from '../../lib/schemas.ts'
import { traceOf } from '../../plugins/audit.ts'
import { deleteIdentity, listIdentities } from './repo.ts'

const PAGE = 50

const IdentitiesSchema = Type.Object({
  identities: Type.Array(Type.Object({
    id: Type.String({ format: 'uuid' }),
    issuer: Type.String({ description: 'the provider' }),
    subject: Type.String({ description: 'who you are to it' }),
    createdAt: Instant
  }, closed)),
  nextCursor: Nullable(Type.String())
}, closed)

/** By whom else than by a password somebody comes into their account. */
export const identityRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/auth/identities', {
    schema: { operationId: 'listIdentities', summary: 'Who you are to OpenID Connect providers that you sign in by, the newest first', tags: ['auth'], querystring: Type.Object(pageQuery, closed), response: { 200: IdentitiesSchema } }
  }, async ({ owner, query: { limit = PAGE, cursor } }) => {
    const { rows, nextCursor } = toPage(await listIdentities(app.db, owner, { limit: limit + 1, cursor: readCursor(cursor) }), limit)
    return { identities: rows.map(({ id, issuer, subject, createdAt }) => ({ id, issuer, subject, createdAt: createdAt.toISOString() })), nextCursor }
  })

  app.delete('/auth/identities/:id', {
    schema: { operationId: 'deleteIdentity', summary: 'Sign in by it no more; browsers that are signed in stay', tags: ['auth'], params: IdParams, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { owner, params: { id } } = request
    const outcome = await deleteIdentity(app.db, owner, id)
    if (outcome === 'not found') throw new errors.IDENTITY_NOT_FOUND()
    if (outcome === 'last') throw new errors.LAST_SIGN_IN()
    app.audit({ ...traceOf(request), action: 'user.disconnect', userId: owner, subject: id })
    return await reply.code(204).send(null)
  })
}
