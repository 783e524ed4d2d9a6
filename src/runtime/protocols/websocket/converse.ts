import type { Connection } from '../../../sockets/connection.ts'
import { applyMessage } from '../../runs/apply-message.ts'
import { parseClientMessage } from './client-messages.ts'
import { presentMessage } from '../../runs/present.ts'
import type { Session } from '../../runs/session.ts'

/** Tells the client what happens in the session, and the session what the client says, until one of them ends. */
export async function converse (connection: Connection, session: Session, since: number): Promise<void> {
  await Promise.all([tell(connection, session, since), listen(connection, session)])
}

async function tell (connection: Connection, session: Session, since: number): Promise<void> {
  await connection.send({ type: 'connected', sessionId: session.id, status: session.status() })
  await sendAll(connection, session.follow({ since, signal: connection.closed }))
}

/** Sends messages at the pace of the client, and closes after the last. */
export async function sendAll (connection: Connection, messages: ReturnType<Session['follow']>): Promise<void> {
  for await (const message of messages) {
    const shown = presentMessage(message)
    if (shown !== undefined) await connection.send(shown)
  }
  connection.end()
}

async function listen (connection: Connection, session: Session): Promise<void> {
  while (!connection.closed.aborted) {
    try {
      const text = await connection.read()
      if (text !== undefined) applyMessage(session, parseClientMessage(text))
    } catch (error) {
      connection.sendError(error)
    }
  }
}
