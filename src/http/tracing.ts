import { FastifyOtelInstrumentation } from '@fastify/otel'
import { context, propagation, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { FastifyRequest } from 'fastify'

/** Sends what is traced to `<endpoint>/v1/traces` as JSON over HTTP, in batches; further settings are OpenTelemetry's own variables. */
export function startTracing ({ endpoint, version }: { endpoint: string, version: string }) {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` })
  const provider = new NodeTracerProvider({
    // Variables of OpenTelemetry's own may name it otherwise.
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'berth', 'service.version': version }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exporter)]
  })
  provider.register()
  const instrumentation = new FastifyOtelInstrumentation({
    instrumentHooks: false,
    ignorePaths: ({ url }) => url === '/health' || url === '/ready' || url === '/metrics',
    requestHook (span, { id, method, url, headers, routeOptions }: FastifyRequest) {
      span.updateName(`${method} ${routeOptions.url ?? 'unknown'}`)
      // A query may hold a key or what a link is worth.
      span.setAttributes({ 'berth.request_id': id, 'url.path': url.split('?')[0] ?? '' })
      // What goes through a socket, perhaps for days, is no part of one request.
      if (headers.upgrade !== undefined) span.end()
    }
  })
  instrumentation.setTracerProvider(provider)
  return {
    plugin: instrumentation.plugin(),
    stop: async (): Promise<void> => {
      await provider.shutdown()
      for (const api of [trace, context, propagation]) api.disable()
    }
  }
}
