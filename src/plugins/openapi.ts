import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'

/** The OpenAPI document at /docs/json, made from the routes' own schemas, and a page to read it at /docs. */
export default fp<{ version: string }>(async (app, { version }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Berth',
        description: 'Run untrusted code in hardened sandboxes.',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
      },
      components: {
        securitySchemes: {
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          bearer: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'jwt' }
        }
      }
    }
  })
  await app.register(async (pages) => {
    pages.addHook('onRoute', (route) => { route.config = { ...route.config, isPage: true } })
    await pages.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  })
}, { name: 'openapi' })
