import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { errors } from '../errors.ts'
import { describeError, retryAfterOf, type ErrorDescription } from '../http/describe-error.ts'
import { ANSWER_POLICY } from '../http/policy.ts'
import { PAGE_HEADERS, renderPage, wantsPage } from '../http/pages.ts'
import { errorPage } from '../http/error-page.ts'

/** The limit is the route's, which the error does not know. */
function withLimit (error: FastifyError, { routeOptions }: FastifyRequest): FastifyError {
  return error.code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? new errors.TOO_LARGE(`The body of this call can have ${routeOptions.bodyLimit} bytes. Send less`) : error
}

/** Logs what was thrown, prepares a JSON reply with its status, and says what may be told of it, in whatever shape. */
export function reportError (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): ErrorDescription {
  const error = withLimit(thrown, request)
  const description = describeError(error)
  const { statusCode, code } = description
  if (statusCode >= 500) request.log.error({ err: thrown, code }, 'request failed')
  else request.log.info({ code, statusCode }, 'request refused')
  if (statusCode === 429 || statusCode === 503) void reply.header('Retry-After', retryAfterOf(error))
  void reply.code(statusCode).type('application/json; charset=utf-8')
  return description
}

/** For somebody who has followed a link or typed an address. */
async function sendPage (request: FastifyRequest, reply: FastifyReply, statusCode: number): Promise<FastifyReply> {
  const next = request.method === 'GET' ? request.url : '/'
  return await reply.code(statusCode).headers(PAGE_HEADERS).send(renderPage({ ...errorPage(statusCode, next), requestId: request.id }))
}

async function sendError (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { statusCode, code, message, details } = reportError(thrown, request, reply)
  if (wantsPage(request)) return await sendPage(request, reply, statusCode)
  return await reply.send({
    statusCode,
    code,
    error: STATUS_CODES[statusCode] ?? 'Error',
    message,
    requestId: request.id,
    ...(details === undefined ? {} : { details })
  })
}

/** What Fastify refuses before it has found a route, and so before any hook. */
export function sendFrameworkError (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({ 'X-Request-ID': request.id, 'Content-Security-Policy': ANSWER_POLICY, 'X-Content-Type-Options': 'nosniff' })
  void sendError(thrown, request, reply)
}

/** One handler for everything that is thrown, so that every error has the contract's shape and is logged once. */
export default fp(async (app) => {
  app.setErrorHandler(sendError)
  app.setNotFoundHandler(async (request, reply) => {
    if (wantsPage(request)) return await sendPage(request, reply, 404)
    return await reply.code(404).send({
      statusCode: 404,
      code: 'NOT_FOUND',
      error: 'Not Found',
      message: `There is no ${request.method} ${request.url.split('?')[0]}. GET /docs lists what there is`,
      requestId: request.id
    })
  })
}, { name: 'error-handler' })
