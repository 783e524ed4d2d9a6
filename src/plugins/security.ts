import helmet from '@fastify/helmet'
import fp from 'fastify-plugin'
import { errors } from '../errors.ts'
import { ANSWER_POLICY, forbiddenDestination } from '../http/policy.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A page of ours, or what one is made of: it has a policy of its own, and nothing of it comes from users. */
    isPage?: boolean
  }
}

/**
 * Response headers that keep a browser from doing harm with what we send. Whatever is not a page of ours may be what a
 * user has stored, so every other answer, errors and 304 included, is nothing that a browser executes.
 */
export default fp(async (app) => {
  await app.register(helmet, {
    contentSecurityPolicy: false,
    // Served as plain HTTP on loopback; who terminates TLS before us decides for its own name.
    strictTransportSecurity: false
  })
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('Content-Security-Policy', ANSWER_POLICY)
    if (request.routeOptions.config.isPage === true) return
    const destination = forbiddenDestination(request.headers)
    if (destination !== undefined) throw new errors.NOT_EMBEDDABLE(destination)
  })
}, { name: 'security' })
