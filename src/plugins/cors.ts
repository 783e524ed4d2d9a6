import cors from '@fastify/cors'
import fp from 'fastify-plugin'

/** Lets pages of the given origins call us, with their user's cookie. Without any, a browser keeps every other page out. */
export default fp<{ origins: readonly string[] }>(async (app, { origins }) => {
  if (origins.length === 0) return
  await app.register(cors, {
    origin: [...origins],
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['X-Request-ID', 'Retry-After', 'ETag'],
    maxAge: 3600
  })
}, { name: 'cors' })
