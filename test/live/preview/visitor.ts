import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { WebSocket } from 'ws'
import type { Berth } from '../support/berth.ts'

export interface VisitOptions {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer | Readable
}

export interface VisitAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly text: string
  readonly json: () => unknown
}

export type Visitor = ReturnType<typeof createVisitor>

/** Asks for a preview under its own name, as a browser does whose names below `localhost` all lead to this machine. */
export function createVisitor (berth: Pick<Berth, 'origin'>, projectId: string, port: number, common: Record<string, string> = {}) {
  const { port: serverPort } = new URL(berth.origin)
  const host = `${port}--${projectId}.localhost:${serverPort}`

  /** Resolves with the head, and leaves the body to whoever wants it. */
  async function open (path: string, { method = 'GET', headers = {}, body }: VisitOptions = {}): Promise<IncomingMessage> {
    return await new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: serverPort, method, path, headers: { host, ...common, ...headers }, agent: false }, resolve)
      request.on('error', reject)
      if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) request.end(body)
      else body.pipe(request)
    })
  }

  return {
    host,
    origin: `http://${host}`,
    open,
    async visit (path: string, options: VisitOptions = {}): Promise<VisitAnswer> {
      const response = await open(path, options)
      const body = await buffer(response)
      const text = body.toString()
      return { status: response.statusCode ?? 0, headers: response.headers, body, text, json: () => JSON.parse(text) as unknown }
    },
    socket: (path: string, headers: Record<string, string> = {}): WebSocket =>
      new WebSocket(`ws://127.0.0.1:${serverPort}${path}`, { headers: { host, ...common, ...headers } })
  }
}

/** What an app says it was sent, by lower-case name. */
export function headersOf (answer: VisitAnswer): Record<string, string> {
  const { rawHeaders } = answer.json() as { rawHeaders: string[] }
  const headers: Record<string, string> = {}
  for (let i = 0; i < rawHeaders.length; i += 2) headers[(rawHeaders[i] ?? '').toLowerCase()] = rawHeaders[i + 1] ?? ''
  return headers
}
