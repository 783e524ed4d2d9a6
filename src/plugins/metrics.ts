import fp from 'fastify-plugin'
import { Registry, collectDefaultMetrics } from 'prom-client'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Registry
  }
}

/** The registry that features put their metrics into. What it holds is served by routes of who may see it. */
export default fp(async (app) => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'berth_' })
  app.decorate('metrics', registry)
  app.addHook('onClose', async () => registry.clear())
}, { name: 'metrics' })
