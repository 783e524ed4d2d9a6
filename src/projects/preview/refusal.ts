import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import { retryAfterSeconds } from '../../errors.ts'
import { PAGE_HEADERS, renderPage, wantsPage, type Page } from '../../http/pages.ts'

export interface Refusal {
  readonly statusCode: number
  readonly code: string
  readonly message: string
  /** What a browser's page has besides. */
  readonly page?: Partial<Omit<Page, 'requestId'>>
}

/** A browser gets a page, everybody else the contract's JSON. */
export function sendRefusal (request: IncomingMessage, response: ServerResponse, requestId: string, refusal: Refusal): void {
  const { statusCode, code, message, page } = refusal
  const isRetriable = statusCode === 429 || statusCode === 503
  const common = { 'X-Request-ID': requestId, ...(isRetriable ? { 'Retry-After': String(retryAfterSeconds) } : {}) }
  if (wantsPage(request)) {
    response.writeHead(statusCode, { ...PAGE_HEADERS, ...common })
    response.end(renderPage({ title: STATUS_CODES[statusCode] ?? 'Error', text: message, ...page, requestId }))
    return
  }
  response.writeHead(statusCode, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store', ...common })
  response.end(JSON.stringify({ statusCode, code, error: STATUS_CODES[statusCode], message, requestId }))
}

export function sendRedirect (response: ServerResponse, requestId: string, location: string, headers: Record<string, string | string[]> = {}): void {
  response.writeHead(303, {
    Location: location, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'X-Request-ID': requestId, 'Content-Length': '0', ...headers
  })
  response.end()
}
