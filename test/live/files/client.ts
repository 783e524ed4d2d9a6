import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { WebSocket } from 'ws'
import type { Entry } from '../../../src/protocols/files.ts'
import type { Listing } from '../../../src/projects/files/schemas.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { User } from '../projects/user.ts'

export type Files = ReturnType<typeof filesOf>

type Body = NonNullable<RequestInit['body']>

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

/** The files of one project, as a script would work on them. */
export function filesOf (origin: string, { key }: Pick<User, 'key'>, projectId: string) {
  const base = `${origin}/projects/${projectId}/files`

  async function send (method: string, path: string, body?: Body, headers: Record<string, string> = {}): Promise<Response> {
    return await fetch(`${base}/${encodePath(path)}`, { method, headers: { 'X-API-Key': key, ...headers }, ...(body === undefined ? {} : { body, duplex: 'half' }) })
  }

  async function expectStatus (expected: number, response: Response): Promise<Response> {
    if (response.status !== expected) throw new Error(`${response.status} ${await response.text()}`)
    return response
  }

  /** With the path as it is: fetch resolves dots before it sends them. */
  async function sendRaw (method: string, encodedPath: string): Promise<{ status: number | undefined, body: unknown }> {
    const sent = request(base, { path: `/projects/${projectId}/files/${encodedPath}`, method, headers: { 'X-API-Key': key } })
    sent.end(method === 'PUT' ? 'x' : undefined)
    const [response] = await once(sent, 'response') as [IncomingMessage]
    return { status: response.statusCode, body: await json(response) }
  }

  return {
    base,
    send,
    sendRaw,
    /** Returns the etag. */
    async put (path: string, body: Body, headers: Record<string, string> = {}): Promise<string> {
      const response = await send('PUT', path, body, headers)
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
      return response.headers.get('etag') ?? ''
    },
    text: async (path: string): Promise<string> => await (await expectStatus(200, await send('GET', path))).text(),
    async list (query = ''): Promise<Listing> {
      const response = await fetch(`${base}?${query}`, { headers: { 'X-API-Key': key } })
      return await (await expectStatus(200, response)).json() as Listing
    },
    async operate (body: object): Promise<{ status: number, body: Entry & { code?: string } }> {
      const response = await fetch(base, { method: 'POST', headers: { 'X-API-Key': key, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
      return { status: response.status, body: await response.json() as Entry }
    },
    connect: (headers: Record<string, string> = { 'X-API-Key': key }) => openFilesSocket(base, headers)
  }
}

export interface Answer {
  readonly id: string | number
  readonly ok: boolean
  readonly code?: string
  readonly etag?: string
  readonly content?: string
  readonly encoding?: string
  readonly entry?: Entry
  readonly entries?: Entry[]
}

export interface Message {
  readonly type?: string
  readonly kind?: string
  readonly path?: string
  readonly to?: string
  readonly watch?: string
  readonly code?: string
  readonly etag?: string
}

/** A client of the files socket. */
export function openFilesSocket (url: string, headers: Record<string, string>) {
  const ws = new WebSocket(url.replace(/^http/, 'ws'), { headers, perMessageDeflate: false })
  const messages: Message[] = []
  const answers = new Map<string | number, Answer>()
  let lastId = 0
  let refusedWith: number | undefined

  ws.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Answer & Message
    if ('ok' in message) answers.set(message.id, message)
    else messages.push(message)
  })
  ws.on('unexpected-response', (_request, response) => {
    refusedWith = response.statusCode
    response.resume()
    ws.terminate()
  })
  ws.on('error', () => undefined)
  const closed = new Promise<{ code: number, reason: string }>((resolve) => {
    ws.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
  })

  const say = (message: unknown): void => ws.send(typeof message === 'string' ? message : JSON.stringify(message))
  const message = async (wanted: Message, deadlineMs?: number): Promise<Message> => await waitFor(
    `${JSON.stringify(wanted)} among ${JSON.stringify(messages.slice(-20))}`,
    () => messages.find((found) => Object.entries(wanted).every(([name, value]) => found[name as keyof Message] === value)), deadlineMs)

  return {
    ws,
    messages,
    answers,
    closed,
    say,
    message,
    refusedWith: () => refusedWith,
    ready: async (): Promise<void> => { await message({ type: 'connected' }) },
    async ask (op: string, fields: object = {}): Promise<Answer> {
      const id = ++lastId
      say({ id, op, ...fields })
      return await waitFor(`the answer to ${op}`, () => answers.get(id))
    },
    async watch (path: string, more: object = {}): Promise<void> {
      say({ type: 'watch', path, ...more })
      await message({ type: 'watching', path })
    },
    async close (): Promise<void> {
      ws.close()
      await closed
    }
  }
}
