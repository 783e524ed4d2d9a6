import { Ajv, type ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import fp from 'fastify-plugin'
import { createDropNulls } from '../lib/drop-nulls.ts'

// Naming every wrong field takes a pass over the whole value, which a hostile one makes long: then the first must do.
const MAX_ITEMS_FOR_ALL_ERRORS = 100

/**
 * Bodies are taken as they are: no "5" for 5, and an unknown field is an error, not dropped. Null for an optional field is as
 * if it had been left out.
 * What comes in a URL is text and is converted to the type of its schema.
 */
export default fp(async (app) => {
  const strict = createAjv({ coerceTypes: false, allErrors: false })
  const thorough = createAjv({ coerceTypes: false, allErrors: true })
  const coercing = createAjv({ coerceTypes: 'array', allErrors: false })

  app.setValidatorCompiler<object>(({ schema, httpPart }) => {
    if (httpPart !== 'body') return coercing.compile(schema)
    const check = strict.compile(schema)
    const checkAll = thorough.compile(schema)
    const dropNulls = createDropNulls(schema)
    const validate = (data: unknown): boolean => {
      dropNulls?.(data)
      if (check(data)) return true
      const { errors } = isSmall(data) && !checkAll(data) ? checkAll : check
      validate.errors = errors ?? null
      return false
    }
    validate.errors = null as ErrorObject[] | null
    return validate
  })
}, { name: 'validation' })

function createAjv (options: { coerceTypes: boolean | 'array', allErrors: boolean }): Ajv {
  const ajv = new Ajv({ ...options, useDefaults: false, verbose: true, removeAdditional: false, strict: false })
  addFormats.default(ajv)
  return ajv
}

function isSmall (data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return true
  const values = Object.values(data)
  return values.length <= MAX_ITEMS_FOR_ALL_ERRORS && values.every((value) =>
    typeof value !== 'object' || value === null || Object.keys(value as object).length <= MAX_ITEMS_FOR_ALL_ERRORS)
}
