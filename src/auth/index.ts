import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { errors } from '../errors.ts'
import { createKeyCheck } from './api-key.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Hook of every scope whose routes need a signed-in caller. */
    authenticate: onRequestHookHandler
  }
  interface FastifyRequest {
    /** Who asks; sandboxes are never shared between owners. */
    owner: string
  }
}

const ADMIN = 'admin'

export default fp<{ apiKey: string }>(async (app, { apiKey }) => {
  const isKey = createKeyCheck(apiKey)

  app.decorateRequest('owner', '')
  app.decorate('authenticate', async (request) => {
    const presented = presentedKey(request)
    if (presented === undefined || !isKey(presented)) throw new errors.UNAUTHENTICATED()
    request.owner = ADMIN
  })
}, { name: 'auth' })

function presentedKey (request: FastifyRequest): string | undefined {
  const header = request.headers['x-api-key']
  if (typeof header === 'string') return header
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}
