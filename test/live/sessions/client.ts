import { once } from 'node:events'
import { WebSocket } from 'ws'
import { waitFor } from '../../support/wait-for.ts'
import type { Berth } from '../support/berth.ts'

export interface Message {
  type: string
  data?: string
  seq?: number
  status?: string
  code?: string
  [field: string]: unknown
}

export type SessionClient = Awaited<ReturnType<typeof connect>>

/** A client's WebSocket that keeps what it was told. */
export async function connect (berth: Pick<Berth, 'origin' | 'key'>, route = '/api/execute', headers: Record<string, string> = { 'X-API-Key': berth.key }) {
  const socket = new WebSocket(berth.origin.replace('http', 'ws') + route, { headers })
  const messages: Message[] = []
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message))
  const closed = once(socket, 'close') as Promise<[number, Buffer]>
  await once(socket, 'open')
  const output = (stream = 'stdout'): string => messages.filter((message) => message.stream === stream).map(({ data }) => data).join('')
  const count = (type: string): number => messages.filter((message) => message.type === type).length
  return {
    socket,
    messages,
    output,
    count,
    last: (type: string) => messages.filter((message) => message.type === type).at(-1),
    lastSeq: () => Math.max(0, ...messages.map(({ seq = 0 }) => seq)),
    sessionId: async () => await waitFor('the session\'s id', () => messages.find(({ type }) => type === 'connected')?.sessionId as string | undefined),
    send: (message: object) => socket.send(JSON.stringify(message)),
    until: async (what: string, isSo: () => boolean, deadlineMs?: number) => {
      await waitFor(`${what}; so far: ${JSON.stringify(messages).slice(0, 2000)}`, isSo, deadlineMs)
    },
    /** The close code. */
    closed: closed.then(([code]) => code)
  }
}
