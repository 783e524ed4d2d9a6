import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { errors } from '../errors.ts'
import { createDropNulls } from '../lib/drop-nulls.ts'
import { jsonShapeProblem } from '../lib/json-shape.ts'

// A regular expression tells nobody what to do.
const NO_MATCH = 'is not of the form that it must have'

/** Reads one text frame. Throws BAD_MESSAGE. */
export function createMessageParser<Schema extends TSchema> (schema: Schema): (text: string) => Static<Schema> {
  const check = createMessageChecker(schema)
  return (text) => check(parseJson(text))
}

/** The same for what is parsed already. */
export function createMessageChecker<Schema extends TSchema> (schema: Schema): (value: unknown) => Static<Schema> {
  const validator = Compile(schema)
  const dropNulls = createDropNulls(schema)
  return (value) => {
    dropNulls?.(value)
    if (validator.Check(value)) return value
    const [problem] = validator.Errors(value)
    throw new errors.BAD_MESSAGE(problem === undefined ? 'it has an unknown type' : `${problem.instancePath || 'it'} ${problem.keyword === 'pattern' ? NO_MATCH : problem.message}`)
  }
}

export function parseJson (text: string): unknown {
  const problem = jsonShapeProblem(text)
  if (problem !== undefined) throw new errors.BAD_MESSAGE(`it ${problem}`)
  try {
    return JSON.parse(text)
  } catch {
    throw new errors.BAD_MESSAGE('it is no JSON')
  }
}
