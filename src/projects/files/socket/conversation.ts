import type { FastifyBaseLogger } from 'fastify'
import { errors } from '../../../errors.ts'
import { describeError } from '../../../http/describe-error.ts'
import type { Connection } from '../../../sockets/connection.ts'
import type { Workspace } from '../../workspace/workspace.ts'
import type { FileService } from '../service.ts'
import { createInFlight } from './in-flight.ts'
import { parseMessage, type ClientMessage } from './messages.ts'
import { planOperation } from './operations.ts'
import { createOrder } from './order.ts'
import type { ControlMessage } from './schemas.ts'
import { createWatches } from './watches.ts'

export interface ConversationOptions {
  readonly projectId: string
  readonly mayEdit: boolean
  readonly files: FileService
  readonly workspace: Workspace
  readonly log: Pick<FastifyBaseLogger, 'error'>
}

// Their answers may be large, and wait for a client that reads slowly.
const IN_FLIGHT = 16

/** Does what the client asks for, and tells what it watches, until it goes. */
export async function converse (connection: Connection, { projectId, mayEdit, files, workspace, log }: ConversationOptions): Promise<void> {
  const order = createOrder()
  const inFlight = createInFlight(IN_FLIGHT)
  const watches = createWatches({ workspace, projectId, send: connection.send, sendError: sendWatchError, signal: connection.closed })

  function describe (error: unknown): { code: string, message: string } {
    const { statusCode, code, message } = describeError(error)
    if (statusCode >= 500) log.error({ err: error, code }, 'a request over the files socket failed')
    if (code === 'PROJECT_NOT_FOUND') connection.refuse(error)
    return { code, message }
  }

  function sendWatchError (error: unknown, path: string): void {
    void connection.send({ type: 'error', path, ...describe(error) })
  }

  async function answer ({ head: { id, op }, fields }: Extract<ClientMessage, { kind: 'request' }>): Promise<void> {
    try {
      const planned = planOperation(op, fields)
      if (planned.isWrite && !mayEdit) throw new errors.VIEW_ONLY()
      await order.run(planned, async () => await connection.send({ id, ok: true, ...await planned.perform({ files, projectId }) }))
    } catch (error) {
      const { etag } = error as { etag?: string }
      await connection.send({ id, ok: false, ...describe(error), ...(etag === undefined ? {} : { etag }) })
    }
  }

  function control (message: ControlMessage): void {
    if (message.type === 'watch') watches.add(message)
    else if (watches.remove(message.path)) void connection.send({ type: 'unwatched', path: message.path })
  }

  /** False when there is nothing more to read. */
  async function readNext (): Promise<boolean> {
    await inFlight.room()
    try {
      const text = await connection.read()
      if (text === undefined) return false
      const received = parseMessage(text)
      if (received.kind === 'request') inFlight.begin(answer(received))
      else control(received.message)
    } catch (error) {
      connection.sendError(error)
    }
    return true
  }

  await connection.send({ type: 'connected', project: projectId })
  while (await readNext());
}
