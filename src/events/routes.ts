import { setMaxListeners } from 'node:events'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { errors } from '../errors.ts'
import { abortOnDisconnect } from '../http/disconnect.ts'
import { sendEventStream } from '../http/event-stream.ts'
import { joinSignals } from '../lib/join-signals.ts'
import { closed } from '../lib/schemas.ts'
import { eventTypes } from './event.ts'
import { followEvents } from './follow.ts'
import type { EventRing, KeptEvent } from './ring.ts'

export interface EventRoutesOptions {
  readonly ring: EventRing
  /** Aborted when the server closes. */
  readonly closing: AbortSignal
  readonly onRevoked: FastifyInstance['auth']['onRevoked']
}

/** On this server, of one user: a few for each of their windows. */
const STREAMS_PER_USER = 32

const QuerySchema = Type.Object({
  all: Type.Optional(Type.Boolean({ default: false, description: 'of everybody\'s projects; for administrators' }))
}, closed)
const HeadersSchema = Type.Object({
  'last-event-id': Type.Optional(Type.String({ maxLength: 100, description: 'the id of the last event that was seen, from which it goes on' }))
})

export const eventRoutes: FastifyPluginAsyncTypebox<EventRoutesOptions> = async (app, { ring, closing, onRevoked }) => {
  const streams = new Map<string, number>()
  // As many listen as there are streams.
  setMaxListeners(0, closing)

  function open (user: string): () => void {
    const count = streams.get(user) ?? 0
    if (count >= STREAMS_PER_USER) throw new errors.STREAM_QUOTA(STREAMS_PER_USER)
    streams.set(user, count + 1)
    return () => {
      const left = (streams.get(user) ?? 1) - 1
      if (left === 0) streams.delete(user)
      else streams.set(user, left)
    }
  }

  app.get('/api/events', {
    exposeHeadRoute: false,
    schema: {
      operationId: 'followEvents',
      summary: 'What changes in your projects, as it happens: server-sent events',
      description: `Events are ${eventTypes.map((type) => `\`${type}\``).join(', ')}, with JSON. \`reset\` comes first, and whenever events may have been missed: load anew what you show. A client that reads too slowly is disconnected; with \`Last-Event-ID\` it goes on where it was.`,
      tags: ['events'],
      querystring: QuerySchema,
      headers: HeadersSchema,
      response: { 200: Type.String({ description: 'text/event-stream' }) }
    }
  }, async (request, reply) => {
    const { owner, principal, query: { all = false }, headers } = request
    const isAdmin = principal?.role === 'admin'
    if (all && !isAdmin) throw new errors.ADMIN_ONLY()
    const maySee = ({ audience, isOfProject }: KeptEvent): boolean => audience.has(owner) || (isAdmin && (all || !isOfProject))
    const release = open(owner)
    const revoked = new AbortController()
    const forget = principal === null ? () => undefined : onRevoked(principal, () => revoked.abort())
    const signal = joinSignals(abortOnDisconnect(reply), revoked.signal, closing)
    return await sendEventStream(reply, followEvents(ring, { lastId: headers['last-event-id'], maySee, signal }), () => {
      release()
      forget()
    })
  })
}
