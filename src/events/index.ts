import fp from 'fastify-plugin'
import { notify } from '../db/notifications.ts'
import { createFindAudience } from './audience.ts'
import type { PublishedEvent } from './event.ts'
import { createReceiver } from './receiver.ts'
import { createEventRing } from './ring.ts'
import { eventRoutes } from './routes.ts'

export interface Events {
  /** Tells whoever may see it, on all servers. What a row of the database says is published by the database itself. */
  readonly publish: (event: PublishedEvent) => void
}

declare module 'fastify' {
  interface FastifyInstance {
    events: Events
  }
}

/** The triggers of the migration `events` write to it too. */
const CHANNEL = 'berth_events'
/** At most 8 kB each, which is what a notification can have. */
const KEPT = 1_000

/** What changes, for whoever looks on. */
export default fp(async (app) => {
  const { db, log, notifications } = app
  const ring = createEventRing({ serverId: app.liveness.serverId, capacity: KEPT })
  const receiver = createReceiver({ ring, findAudience: createFindAudience(db), onError: (err) => log.warn({ err }, 'an event could not be passed on; everybody loads anew') })
  const closing = new AbortController()

  notifications.subscribe(CHANNEL, {
    onMessage: (payload) => receiver.receive(payload),
    onLost: () => undefined,
    // Nobody knows what was missed, if anything was.
    onListening: async () => ring.interrupt()
  })
  app.decorate('events', {
    publish: (event: PublishedEvent) => {
      notify(db, CHANNEL, JSON.stringify(event)).catch((err: unknown) => log.debug({ err, type: event.type }, 'an event could not be published'))
    }
  })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(eventRoutes, { ring, closing: closing.signal, onRevoked: app.auth.onRevoked })
  })
  app.addHook('preClose', async () => closing.abort())
}, { name: 'events', dependencies: ['db', 'auth'] })
