import fp from 'fastify-plugin'

/** `X-Request-ID` on every response and one line per request; the id is in every line of the request's logger. */
export default fp(async (app) => {
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('X-Request-ID', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    request.log.info({
      method: request.method,
      url: request.url.split('?')[0],
      statusCode: reply.statusCode,
      responseTime: Math.round(reply.elapsedTime * 10) / 10
    }, 'request')
  })
}, { name: 'request-log' })
