import helmet from '@fastify/helmet'
import fp from 'fastify-plugin'

/** Response headers that keep a browser from doing harm with what we send. */
export default fp(async (app) => {
  await app.register(helmet, {
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    // Served as plain HTTP on loopback; who terminates TLS before us decides for its own name.
    strictTransportSecurity: false
  })
}, { name: 'security' })
