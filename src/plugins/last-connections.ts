import fp from 'fastify-plugin'

const PATIENCE_MS = 5_000

/**
 * A stop waits for requests under way. A connection that still owes a part of its body, or takes none of its answer, is
 * neither idle nor ever at its end: these are cut off after a while.
 */
export default fp<{ patienceMs?: number }>(async (app, { patienceMs = PATIENCE_MS }) => {
  app.addHook('preClose', async () => {
    const cutOff = setTimeout(() => app.server.closeAllConnections(), patienceMs)
    app.server.once('close', () => clearTimeout(cutOff))
  })
}, { name: 'last-connections' })
