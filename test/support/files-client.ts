import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Notice } from '../../src/protocols/files.ts'
import { createDeferred, type Deferred } from '../../src/lib/deferred.ts'
import { waitFor } from './wait-for.ts'

export type FilesMessage<Type extends Notice['type'] = Notice['type']> = Extract<Notice, { type: Type }>

export type FilesAnswer = Record<string, unknown> & ({ ok: true } | { ok: false, code: string, message: string })

export type FilesClient = Awaited<ReturnType<typeof openFiles>>

/** A client of a project's files socket as a script would be one. */
export async function openFiles (origin: string, projectId: string, key: string) {
  const ws = new WebSocket(`${origin.replace(/^http/, 'ws')}/projects/${projectId}/files`, { headers: { 'X-API-Key': key }, perMessageDeflate: false })
  const messages: Notice[] = []
  const requests = new Map<number, Deferred<FilesAnswer>>()
  const closed = createDeferred<number>()
  let onMessage: (message: Notice) => void = (message) => messages.push(message)
  let lastId = 0

  ws.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Notice | (FilesAnswer & { id: number })
    if (!('id' in message)) return onMessage(message)
    requests.get(message.id)?.resolve(message)
    requests.delete(message.id)
  })
  ws.on('close', (code) => {
    closed.resolve(code)
    for (const request of requests.values()) request.reject(new Error(`the socket was closed with ${code}`))
  })
  await once(ws, 'open')

  async function call (op: string, fields: object): Promise<FilesAnswer> {
    const id = ++lastId
    const answer = createDeferred<FilesAnswer>()
    requests.set(id, answer)
    ws.send(JSON.stringify({ id, op, ...fields }))
    return await answer.promise
  }

  return {
    ws,
    messages,
    closed: closed.promise,
    call,
    /** Insists on success. */
    get: async (op: string, fields: object): Promise<Record<string, unknown>> => {
      const answer = await call(op, fields)
      if (!answer.ok) throw new Error(`${op}: ${JSON.stringify(answer)}`)
      return answer
    },
    say: (message: object): void => ws.send(JSON.stringify(message)),
    /** Messages go there from now on instead of being kept. */
    listen: (listener: (message: Notice) => void): void => { onMessage = listener },
    /** The first message, past or coming, that fits. */
    hears: async <Type extends Notice['type']>(type: Type, fits: (message: FilesMessage<Type>) => boolean = () => true, deadlineMs?: number): Promise<FilesMessage<Type>> =>
      await waitFor(`a message "${type}"`, () => messages.find((message): message is FilesMessage<Type> => message.type === type && fits(message as FilesMessage<Type>)), deadlineMs),
    close: async (): Promise<void> => {
      ws.close()
      await closed.promise
    }
  }
}
