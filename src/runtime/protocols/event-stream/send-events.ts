import type { FastifyReply } from 'fastify'
import { abortOnDisconnect } from '../../../http/disconnect.ts'
import { sendEventStream } from '../../../http/event-stream.ts'
import { encodeEvents } from './event-stream.ts'
import type { SessionMessage } from '../../runs/messages.ts'
import type { Session } from '../../runs/session.ts'

/** Streams a session that was begun for this request: unless it is interactive, it ends with the client. */
export async function sendEvents (reply: FastifyReply, session: Session): Promise<FastifyReply> {
  const gone = abortOnDisconnect(reply)
  if (!session.plan.isInteractive) gone.addEventListener('abort', () => session.kill('The client went away'), { once: true })
  return await streamMessages(reply, session, session.follow({ signal: gone }))
}

export async function streamMessages (reply: FastifyReply, { id, status }: { id: string, status: () => string }, messages: AsyncIterator<SessionMessage, void>): Promise<FastifyReply> {
  return await sendEventStream(reply, encodeEvents({ type: 'connected', sessionId: id, status: status() }, messages))
}
