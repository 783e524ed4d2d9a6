import type { FastifyError } from 'fastify'
import type { FastifySchemaValidationError } from 'fastify/types/schema.js'
import { isDatabaseUnavailable } from '../db/errors.ts'
import { DockerError } from '../docker/index.ts'
import { errors, retryAfterSeconds } from '../errors.ts'

interface Detail {
  readonly field: string
  readonly message: string
}

// Codes that Fastify gives on its own account, in the contract's words.
const publicCodes: Record<number, string> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'REQUEST_TIMEOUT',
  413: 'TOO_LARGE',
  414: 'URI_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  431: 'HEADERS_TOO_LARGE'
}

// What Fastify says by itself, with what to do about it.
const advice: Record<string, string> = {
  FST_ERR_BAD_URL: 'The address cannot be read. Send it in UTF-8, percent-encoded, with % itself as %25',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the address is longer than what is there could be called. Check it',
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is larger than this call takes. Send less',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'A body of this type is not taken here. Send JSON, with "Content-Type: application/json"',
  FST_ERR_CTP_EMPTY_TYPE: 'A body needs a type. Send JSON, with "Content-Type: application/json"',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is announced as JSON and is empty. Send {} or leave Content-Type out',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is no valid JSON. Check its quotes, commas and brackets',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says. Send its length in bytes, not in characters'
}

/** A regular expression tells nobody what to do: a schema that has one says it in `x-form`. */
function inWords ({ keyword, message, parentSchema }: FastifySchemaValidationError & { readonly parentSchema?: { readonly 'x-form'?: string } }): string {
  if (keyword !== 'pattern') return message ?? 'is not valid'
  return parentSchema?.['x-form'] ?? 'is not of the form that it must have; GET /docs says which'
}

function validationDetails (error: FastifyError): Detail[] {
  const context = error.validationContext ?? 'body'
  return (error.validation ?? []).map((item) => {
    const parameters = item.params as { additionalProperty?: string, missingProperty?: string }
    const inner = parameters.missingProperty ?? parameters.additionalProperty
    const path = [...item.instancePath.split('/').slice(1), ...(inner === undefined ? [] : [inner])].join('.')
    return { field: path === '' ? context : path, message: inWords(item) }
  })
}

export interface ErrorDescription {
  readonly statusCode: number
  readonly code: string
  readonly message: string
  readonly details?: readonly Detail[]
}

function describe (error: FastifyError): ErrorDescription {
  if (error.validation !== undefined) {
    const details = validationDetails(error)
    const message = `The request is not valid: ${details.map(({ field, message }) => `${field} ${message}`).join('; ')}`
    return { statusCode: 400, code: 'VALIDATION_FAILED', message, details }
  }
  const statusCode = error.statusCode ?? 500
  if (statusCode >= 500 && !(error.code in errors)) {
    return { statusCode: 500, code: 'INTERNAL_ERROR', message: 'Something went wrong on the server. Its log has the reason under this request id' }
  }
  if (error.code in errors) return { statusCode, code: error.code, message: error.message }
  return { statusCode, code: publicCodes[statusCode] ?? 'BAD_REQUEST', message: advice[error.code] ?? error.message }
}

/** What we depend on and cannot reach is told as such, whatever was thrown. */
function translate (error: FastifyError): FastifyError {
  if (error instanceof DockerError) return error.code === 'unavailable' || error.code === 'timeout' ? new errors.ENGINE_UNAVAILABLE() : error
  return isDatabaseUnavailable(error) ? new errors.DATABASE_UNAVAILABLE() : error
}

/** What may be told of an error, whatever it is sent with. */
export function describeError (thrown: unknown): ErrorDescription {
  return describe(translate(thrown as FastifyError))
}

/** Computed where it can be, as by a full queue. */
export function retryAfterOf (error: FastifyError & { readonly retryAfterSeconds?: number }): number {
  return error.retryAfterSeconds ?? retryAfterSeconds
}
