export interface ResponseHead {
  status: number
  /** By lower-case name. */
  headers: Map<string, string>
}

export interface Refusal { kind: 'refused', head: ResponseHead, body: string }
/** `rest` is what came in the same packets as the head: already the stream. */
export interface Switched { kind: 'switched', head: ResponseHead, rest: Buffer }

const headLimitBytes = 64 * 1024
const refusalLimitBytes = 64 * 1024

/**
 * Reads the answer to an upgrade. 101 and 200 both mean a raw stream from the next byte on; anything else is a refusal,
 * whose body ends by its Content-Length, by its last chunk, or, where the daemon gives neither, with the connection.
 */
export function createResponseReader () {
  let received = Buffer.alloc(0)
  let head: ResponseHead | undefined

  function push (chunk: Buffer): Refusal | Switched | undefined {
    received = Buffer.concat([received, chunk])
    if (head === undefined) {
      const end = received.indexOf('\r\n\r\n')
      if (end === -1 && received.length <= headLimitBytes) return undefined
      if (end === -1 || end > headLimitBytes) throw new Error(`the answer's head is longer than ${headLimitBytes} bytes`)
      head = parseHead(received.toString('latin1', 0, end))
      received = received.subarray(end + 4)
      if (head.status === 101 || head.status === 200) return { kind: 'switched', head, rest: received }
    }
    return isBodyComplete(head, received) ? end() : undefined
  }

  /** The connection ended: a refusal if there was a head, undefined if there was not even that. */
  function end (): Refusal | undefined {
    if (head === undefined) return undefined
    const body = isChunked(head) ? joinChunks(received) : received.subarray(0, declaredLength(head))
    return { kind: 'refused', head, body: body.toString('utf8', 0, refusalLimitBytes) }
  }

  return { push, end }
}

function parseHead (text: string): ResponseHead {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1]
  if (status === undefined) throw new Error('the answer is not HTTP')
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, Math.max(colon, 0)).toLowerCase(), line.slice(colon + 1).trim()]
  }))
  return { status: Number(status), headers }
}

function isBodyComplete (head: ResponseHead, body: Buffer): boolean {
  if (body.length >= refusalLimitBytes) return true
  if (isChunked(head)) return body.toString('latin1').startsWith('0\r\n') || body.includes('\r\n0\r\n')
  return body.length >= (declaredLength(head) ?? Infinity)
}

function isChunked (head: ResponseHead): boolean {
  return head.headers.get('transfer-encoding')?.toLowerCase() === 'chunked'
}

function declaredLength (head: ResponseHead): number | undefined {
  const value = head.headers.get('content-length')
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined
}

/** Go sends an answer of more than 2 KiB in chunks. A chunk that is cut short counts as far as it goes. */
function joinChunks (body: Buffer): Buffer {
  const chunks: Buffer[] = []
  let offset = 0
  while (offset < body.length) {
    const lineEnd = body.indexOf('\r\n', offset)
    const size = lineEnd === -1 ? NaN : parseInt(body.toString('latin1', offset, lineEnd), 16)
    if (!(size > 0)) break
    chunks.push(body.subarray(lineEnd + 2, lineEnd + 2 + size))
    offset = lineEnd + 2 + size + 2
  }
  return Buffer.concat(chunks)
}
