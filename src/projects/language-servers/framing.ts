/** What a language server sends breaks the protocol, or its bounds. */
export class FramingError extends Error {
  override readonly name = 'FramingError'
}

const HEADER_BYTES = 4 * 1024
const END_OF_HEADERS = Buffer.from('\r\n\r\n')
const LENGTH = /^content-length: {0,8}(\d{1,10})$/i

/** Frames a message as a language server reads it: https://microsoft.github.io/language-server-protocol, "Base Protocol". */
export function frameMessage (message: string): Buffer {
  const content = Buffer.from(message)
  return Buffer.concat([Buffer.from(`Content-Length: ${content.length}\r\n\r\n`), content])
}

/** Takes messages out of what a language server prints. Throws FramingError for what is no message, or one of more than `mostBytes`. */
export function createDeframer (mostBytes: number): (bytes: Buffer) => string[] {
  let parts: Buffer[] = []
  let held = 0
  /** Of the message that is being read; undefined while its headers are. */
  let wanted: number | undefined

  function gather (): Buffer {
    const all = parts.length === 1 ? parts[0] as Buffer : Buffer.concat(parts)
    parts = [all]
    return all
  }

  function take (bytes: number): Buffer {
    const all = gather()
    parts = [all.subarray(bytes)]
    held -= bytes
    return all.subarray(0, bytes)
  }

  function readHeaders (): boolean {
    const end = gather().indexOf(END_OF_HEADERS)
    if (end < 0) {
      if (held > HEADER_BYTES) throw new FramingError('the language server sends no messages')
      return false
    }
    const lines = take(end + END_OF_HEADERS.length).toString('latin1', 0, end).split('\r\n')
    const length = lines.map((line) => LENGTH.exec(line)?.[1]).find((digits) => digits !== undefined)
    if (length === undefined) throw new FramingError('the language server sent a message without a length')
    wanted = Number(length)
    if (wanted > mostBytes) throw new FramingError(`the language server sent a message of ${wanted} bytes, at most ${mostBytes} are possible`)
    return true
  }

  return (bytes) => {
    const messages: string[] = []
    parts.push(bytes)
    held += bytes.length
    for (;;) {
      // A message that comes in many pieces is put together once.
      if (wanted === undefined && (held === 0 || !readHeaders())) return messages
      if (wanted === undefined || held < wanted) return messages
      messages.push(take(wanted).toString())
      wanted = undefined
    }
  }
}
