import { UnreachableError } from './unreachable.ts'

/** More than any browser takes; an app's answer is kept in memory until its head is complete. */
export const MAX_HEAD_BYTES = 256 * 1024

interface ParseError extends Error {
  readonly code?: string
  readonly reason?: string
  readonly rawPacket?: Buffer
}

/** What went wrong with an answer, from what node's HTTP client says. */
export function toUnreachable (error: Error): UnreachableError {
  if (error instanceof UnreachableError) return error
  const { code = '' } = error as ParseError
  if (!code.startsWith('HPE_')) return new UnreachableError('broken', { cause: error })
  return new UnreachableError('invalid', { cause: error, detail: describe(error) })
}

function describe ({ code, reason = '', rawPacket = Buffer.alloc(0) }: ParseError): string {
  if (code === 'HPE_HEADER_OVERFLOW') return `answered with more than ${MAX_HEAD_BYTES} bytes of headers`
  if (isTls(rawPacket)) return 'speaks TLS. A preview is reached over HTTP: let the app listen without TLS'
  if (code === 'HPE_INVALID_EOF_STATE') return 'broke off in the middle of the head of its answer'
  if (!rawPacket.subarray(0, 5).toString('latin1').startsWith('HTTP/') && /HPE_INVALID_(CONSTANT|VERSION)/.test(code ?? '')) return 'answered with something that is not HTTP: it has no status line'
  if (hasBareLineFeed(rawPacket)) return 'answered with something that is not valid HTTP: a line of its head ends with a line feed alone, and not with CR LF'
  return `answered with something that is not valid HTTP${reason === '' ? '' : `: ${reason}`}`
}

/** An alert or a handshake. */
function isTls (packet: Buffer): boolean {
  return (packet[0] === 0x15 || packet[0] === 0x16) && packet[1] === 0x03
}

function hasBareLineFeed (packet: Buffer): boolean {
  const end = packet.indexOf('\r\n\r\n')
  const head = packet.subarray(0, end === -1 ? packet.length : end).toString('latin1')
  return /(^|[^\r])\n/.test(head)
}
