export interface ErrorFields {
  readonly status: number
  readonly code: string
  readonly message: string
  /** Of bad input: what is wrong with each field. */
  readonly details?: ReadonlyArray<{ readonly field: string, readonly message: string }> | undefined
  /** What the server's log calls the request. */
  readonly requestId?: string | undefined
  /** When it may be worth trying again. */
  readonly retryAfterMs?: number | undefined
}

/** What the API refused, in its own words; status 0 when it could not be reached. */
export class ApiError extends Error implements ErrorFields {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly details: ErrorFields['details']
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined

  constructor ({ status, code, message, details, requestId, retryAfterMs }: ErrorFields, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.code = code
    this.details = details
    this.requestId = requestId
    this.retryAfterMs = retryAfterMs
  }
}

/** What a refusal says, whether it is the API's own or that of a proxy before it. */
export async function toApiError (response: Response): Promise<ApiError> {
  const { status, statusText, headers } = response
  const body = (await response.json().catch(() => undefined) ?? {}) as Record<string, unknown>
  const text = (name: string): string | undefined => typeof body[name] === 'string' ? body[name] : undefined
  return new ApiError({
    status,
    code: text('code') ?? 'UNKNOWN',
    message: text('message') ?? `The server answered ${status} ${statusText}`.trim(),
    details: Array.isArray(body['details']) ? body['details'] as ErrorFields['details'] : undefined,
    requestId: text('requestId') ?? headers.get('x-request-id') ?? undefined,
    retryAfterMs: retryAfterMs(headers.get('retry-after'))
  })
}

function retryAfterMs (header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined
}

/** What to show of anything that was thrown. */
export function messageOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
