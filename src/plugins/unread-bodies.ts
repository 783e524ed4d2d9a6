import fp from 'fastify-plugin'
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
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.isUpload === true) bodies.allow(request.raw, UPLOAD_PATIENCE_MS)
  })
  app.addHook('onSend', async (request, reply) => {
    if (reply.statusCode < 400 || !owesBody(request.raw)) return
    await discardBody(request.raw)
    // Fastify closes a connection of which it has not read the body, which by now we have, or still do.
    if (reply.getHeader('connection') === 'close') void reply.removeHeader('connection')
  })
  app.addHook('onReady', async () => bodies.start())
  app.addHook('onClose', async () => await bodies.stop())
}, { name: 'unread-bodies' })
