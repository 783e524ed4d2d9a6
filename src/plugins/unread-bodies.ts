import type { IncomingMessage } from 'node:http'
import fp from 'fastify-plugin'
import { errors } from '../errors.ts'
import { UPLOAD_PATIENCE_MS, type BodyWatch } from '../http/body-watch.ts'
import { discardBody, owesBody } from '../http/discard.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body is a file or an archive, which its client may have to fetch first. */
    isUpload?: boolean
  }
}

/** A refusal in the middle of a body reaches whoever is still sending; a body that never comes ends. */
export default fp<{ bodies: BodyWatch }>(async (app, { bodies }) => {
  const stalled = new WeakSet<IncomingMessage>()

  app.addHook('onRequest', async ({ raw, routeOptions }, reply) => {
    if (routeOptions.config.isUpload === true) bodies.allow(raw, UPLOAD_PATIENCE_MS)
    bodies.onStall(raw, () => {
      // Whoever reads it fails by this, and answers as with any other error; destroyed, it would take the connection along.
      if (raw.listenerCount('error') === 0) return false
      stalled.add(raw)
      void reply.header('Connection', 'close')
      raw.emit('error', new errors.REQUEST_TIMEOUT())
      return true
    })
  })
  app.addHook('onSend', async (request, reply) => {
    if (reply.statusCode < 400 || !owesBody(request.raw) || stalled.has(request.raw)) return
    await discardBody(request.raw)
    // Fastify closes a connection of which it has not read the body, which by now we have, or still do.
    if (reply.getHeader('connection') === 'close') void reply.removeHeader('connection')
  })
  app.addHook('onReady', async () => bodies.start())
  app.addHook('onClose', async () => await bodies.stop())
}, { name: 'unread-bodies' })
