import fp from 'fastify-plugin'
import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { describeError } from '../http/describe-error.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Registry
  }
}

// From a file's few milliseconds to the longest run that a server allows. Streams and followed logs take what they take.
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]

/**
 * The registry that features put their metrics into, and how calls are answered: by method, status and code of ours, of
 * which there are few. What it holds is served by routes of who may see it.
 */
export default fp(async (app) => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'berth_' })
  app.decorate('metrics', registry)
  const answered = new Histogram({
    name: 'berth_http_request_seconds',
    help: 'Time from a call to the end of its answer',
    labelNames: ['method', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [registry]
  })
  const refused = new Counter({ name: 'berth_http_errors_total', help: 'Calls that their routes refused, or that failed', labelNames: ['code'], registers: [registry] })
  app.addHook('onResponse', async ({ method }, { statusCode, elapsedTime }) => answered.observe({ method, status: statusCode }, elapsedTime / 1000))
  app.addHook('onError', async (_request, _reply, error) => refused.inc({ code: describeError(error).code }))
  app.addHook('onClose', async () => registry.clear())
}, { name: 'metrics' })
