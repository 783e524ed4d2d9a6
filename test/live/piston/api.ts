import { WebSocket } from 'ws'
import type { JobResult } from '../../../src/runtime/protocols/piston/schemas.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Berth } from '../support/berth.ts'

export interface JobClient {
  readonly socket: WebSocket
  readonly messages: Array<Record<string, unknown>>
  /** What came on stdout and stderr so far. */
  readonly output: () => string
  readonly closed: Promise<readonly [number, string]>
  readonly send: (message: object) => void
  readonly stdin: (data: string) => void
  /** Resolves with the first message of the type. */
  readonly received: (type: string) => Promise<Record<string, unknown>>
  readonly printed: (text: string) => Promise<unknown>
}

/** Speaks with a Berth as a Piston client would. */
export function createPistonApi (berth: Berth) {
  const base = `${berth.origin}/api/v2`
  const authorization = { Authorization: `Bearer ${berth.key}` }

  return {
    get: async (path: string) => await fetch(base + path, { headers: authorization }),
    post: async (body: unknown, headers: Record<string, string> = { 'Content-Type': 'application/json' }) => {
      const content = typeof body === 'string' ? body : JSON.stringify(body)
      // A body of bytes has no content type of its own.
      return await fetch(`${base}/execute`, { method: 'POST', headers: { ...authorization, ...headers }, body: Buffer.from(content) })
    },
    /** Runs a job and insists on a 200. */
    async execute (body: Record<string, unknown>): Promise<JobResult> {
      const response = await this.post({ version: '*', ...body })
      const answer: unknown = await response.json()
      if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(answer)}`)
      return answer as JobResult
    },
    async refusal (body: unknown): Promise<[number, unknown]> {
      const response = await this.post(body)
      return [response.status, await response.json()]
    },
    async connect (key = berth.key): Promise<JobClient> {
      const socket = new WebSocket(`${base.replace('http', 'ws')}/connect`, { headers: { Authorization: `Bearer ${key}` } })
      const messages: Array<Record<string, unknown>> = []
      const output = () => messages.filter(({ type }) => type === 'data').map(({ data }) => data).join('')
      socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Record<string, unknown>))
      const closed = new Promise<readonly [number, string]>((resolve) => {
        socket.once('close', (code, reason) => resolve([code, reason.toString()]))
      })
      await new Promise<void>((resolve, reject) => {
        socket.once('open', resolve)
        socket.once('error', reject)
      })
      const send = (message: object) => socket.send(JSON.stringify(message))
      return {
        socket,
        messages,
        output,
        closed,
        send,
        stdin: (data) => send({ type: 'data', stream: 'stdin', data }),
        received: async (type) => await waitFor(type, () => messages.find((message) => message.type === type)),
        printed: async (text) => await waitFor(`output ${text}`, () => output().includes(text))
      }
    }
  }
}
