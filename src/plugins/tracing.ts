import fp from 'fastify-plugin'

/** Traces of requests, with the calls to the Engine and the operations of agents in them, for an OpenTelemetry collector, where there is one. */
export default fp<{ endpoint: string | undefined, version: string }>(async (app, { endpoint, version }) => {
  if (endpoint === undefined) return
  // Whoever has no collector loads none of it.
  const { startTracing } = await import('../http/tracing.ts')
  const { plugin, stop } = startTracing({ endpoint, version })
  await app.register(plugin)
  app.addHook('onClose', async () => await stop().catch((err: unknown) => app.log.warn({ err }, 'the last traces could not be sent')))
}, { name: 'tracing' })
