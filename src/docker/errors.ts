export type DockerErrorCode =
  | 'not_found'
  | 'conflict'
  | 'bad_request'
  | 'forbidden'
  | 'server_error'
  /** The Engine cannot be reached, or the connection was lost before the answer was complete. */
  | 'unavailable'
  /** The call's own deadline passed. */
  | 'timeout'
  /** The caller's signal aborted the call, or the caller's request body failed. */
  | 'aborted'
  /** The Engine answered something that is not its protocol, or ended a stream inside a frame. */
  | 'protocol'
  /** The Engine speaks no API version that this client speaks. */
  | 'unsupported_version'
  | 'build_failed'
  | 'pull_failed'
  | 'import_failed'
  /** `DOCKER_HOST` names no endpoint that this client can reach. */
  | 'invalid_host'

export interface DockerErrorDetails {
  code: DockerErrorCode
  operation: string
  message: string
  status?: number
  daemonMessage?: string
  step?: string
  cause?: unknown
}

/** The one error that this client throws. `daemonMessage` is the Engine's own text, untouched. */
export class DockerError extends Error {
  override readonly name = 'DockerError'
  readonly code: DockerErrorCode
  readonly operation: string
  readonly status: number | undefined
  readonly daemonMessage: string | undefined
  /** The instruction that failed, as the builder printed it; only with `build_failed`. */
  readonly step: string | undefined

  constructor (details: DockerErrorDetails) {
    super(`${details.operation}: ${details.message}`, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = details.code
    this.operation = details.operation
    this.status = details.status
    this.daemonMessage = details.daemonMessage
    this.step = details.step
  }
}

export function isDockerError (error: unknown, ...codes: DockerErrorCode[]): error is DockerError {
  return error instanceof DockerError && (codes.length === 0 || codes.includes(error.code))
}

const codeByStatus: Record<number, DockerErrorCode> = {
  400: 'bad_request',
  401: 'forbidden',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict'
}

/** Turns an answer outside an operation's accepted statuses into the error that keeps the daemon's text. */
export function errorFromStatus (operation: string, status: number, body: string): DockerError {
  const daemonMessage = daemonMessageOf(body)
  const code = codeByStatus[status] ?? (status >= 500 ? 'server_error' : status >= 400 ? 'bad_request' : 'protocol')
  return new DockerError({ code, operation, status, daemonMessage, message: daemonMessage || `unexpected status ${status}` })
}

/** The API answers `{"message": …}`; what fails after the hijack and some proxies answer plain text. */
function daemonMessageOf (body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed && typeof parsed.message === 'string') {
      return parsed.message
    }
  } catch {
    // Not JSON: the text is the message.
  }
  return body.trim()
}

/** Whatever a socket, TLS or the HTTP parser threw means that there was no usable answer. */
export function errorFromCause (operation: string, cause: unknown): DockerError {
  if (cause instanceof DockerError) return cause
  const { name, code, message } = cause instanceof Error ? cause as NodeJS.ErrnoException : new Error(String(cause)) as NodeJS.ErrnoException
  const isProtocol = name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW'
  return new DockerError({
    code: isProtocol ? 'protocol' : 'unavailable',
    operation,
    cause,
    message: isProtocol ? `the answer is not HTTP: ${message}` : `the Engine is not reachable: ${message || code}`
  })
}
