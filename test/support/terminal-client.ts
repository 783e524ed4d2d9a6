import { WebSocket } from 'ws'
import type { ServerMessage } from '../../src/protocols/terminal.ts'
import { waitFor } from './wait-for.ts'

type MessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>

export interface TerminalClientOptions {
  readonly headers?: Record<string, string>
  /** Null asks for none. */
  readonly protocol?: 'term.v1' | 'term.raw' | null
  /** Off for a client that does not say what it has dealt with. */
  readonly acknowledges?: boolean
}

export type TerminalClient = ReturnType<typeof openTerminal>

const ACK_EVERY_BYTES = 32 * 1024

/** A client of the terminal's WebSocket as a script would be one; `url` with its query. */
export function openTerminal (url: string, { headers = {}, protocol = 'term.v1', acknowledges = true }: TerminalClientOptions = {}) {
  const ws = new WebSocket(url.replace(/^http/, 'ws'), protocol === null ? [] : [protocol], { headers, perMessageDeflate: false })
  const messages: ServerMessage[] = []
  let chunks: Buffer[] = []
  let received = 0
  let unacknowledged = 0
  let refusedWith: number | undefined

  ws.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return void messages.push(JSON.parse(data.toString()) as ServerMessage)
    chunks.push(data)
    received += data.length
    unacknowledged += data.length
    if (!acknowledges || protocol === 'term.raw' || unacknowledged < ACK_EVERY_BYTES) return
    ws.send(JSON.stringify({ type: 'ack', bytes: unacknowledged }))
    unacknowledged = 0
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

  function output (): Buffer {
    if (chunks.length !== 1) chunks = [Buffer.concat(chunks)]
    return chunks[0] ?? Buffer.alloc(0)
  }

  const find = <Type extends ServerMessage['type']>(type: Type): MessageOf<Type> | undefined =>
    messages.find((message): message is MessageOf<Type> => message.type === type)

  async function message<Type extends ServerMessage['type']> (type: Type): Promise<MessageOf<Type>> {
    return await waitFor(`the message ${type} among ${JSON.stringify(messages)}`, () => find(type))
  }

  return {
    ws,
    closed,
    messages,
    message,
    hello: async () => await message('hello'),
    /** The HTTP status, if there was no handshake. */
    refusedWith: () => refusedWith,
    output,
    text: () => output().toString('latin1'),
    received: () => received,
    /** What `since` would be: position of the next byte. */
    position: () => (find('hello')?.seq ?? 0) + received + messages.reduce((sum, item) => sum + (item.type === 'lost' ? item.bytes : 0), 0),
    /** Forgets the output so far. */
    clear: () => { chunks = [] },
    type: (text: string | Uint8Array) => ws.send(Buffer.from(text), { binary: true }),
    say: (control: unknown) => ws.send(typeof control === 'string' ? control : JSON.stringify(control)),
    /** Waits for output since the last clear. */
    shows: async (expected: RegExp | string, deadlineMs?: number) => await waitFor(`${String(expected)} on the terminal`, () => {
      const text = output().toString('latin1')
      return typeof expected === 'string' ? text.includes(expected) : expected.test(text)
    }, deadlineMs),
    /** As a network does that goes away: without a word. */
    cut: async () => {
      ws.terminate()
      await closed
    },
    close: async () => {
      ws.close()
      await closed
    }
  }
}
