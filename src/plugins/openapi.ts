import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'
import { originOf } from '../http/origin-of.ts'

// Its styles alone may be inline, as those of the console. What it has by itself asks for https, which a server on loopback or in a lab has not.
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'"
}

const SUMMARY = 'Run untrusted code in hardened sandboxes.'

/** Markdown: the first call, as it works for whoever reads it. A key is shown once, when it is made. */
function firstCall (origin: string): string {
  return `${SUMMARY}

Your first call, with a key that you make in [the settings](/settings):

\`\`\`sh
curl -s ${origin}/api/execute -H "X-API-Key: $BERTH_KEY" -H 'Content-Type: application/json' -d '{"language": "python", "code": "print(6 * 7)"}'
\`\`\``
}

/** The OpenAPI document at /docs/json, made from the routes' own schemas, and a page to read it at /docs. */
export default fp<{ version: string }>(async (app, { version }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Berth',
        description: SUMMARY,
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
    await pages.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: POLICY,
      // Without a bar of somebody else's.
      uiConfig: { layout: 'BaseLayout' },
      theme: { title: 'Berth API' },
      transformSpecification: (document, request) => ({ ...document, info: { ...document['info'] as object, description: firstCall(originOf(request)) }, servers: [{ url: originOf(request) }] }),
      transformSpecificationClone: false
    })
  })
}, { name: 'openapi' })
