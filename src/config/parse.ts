import { readFileSync } from 'node:fs'
import type { Static, TObject } from 'typebox'
import { Value } from 'typebox/value'
import { parseLimit } from '../lib/limit.ts'
import { parseDuration, parseSize } from '../lib/units.ts'
import { ConfigError } from './error.ts'
import type { VariableSchema } from './schema.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const parsers = {
  duration: parseDuration,
  size: parseSize,
  limit: parseLimit,
  interval: (text: string) => text === 'off' ? 0 : parseDuration(text)
}
const expected = {
  duration: 'must be a duration such as 500ms, 30s or 10m',
  size: 'must be a size such as 65536, 64m or 1g',
  limit: 'must be a limit such as 20/5m, or off',
  interval: 'must be a duration such as 30s or 5m, or off'
}

/** The variables of the schema, parsed. Throws ConfigError that names every wrong one. */
export function parseEnvironment<Schema extends TObject> (schema: Schema, env: Environment): Static<Schema> {
  const schemas = schema.properties as Record<string, VariableSchema>
  const problems = new Map<string, string>()
  const given: Record<string, unknown> = {}
  for (const [name, variable] of Object.entries(schemas)) {
    try {
      const value = parseVariable(readText(name, variable, env), variable)
      if (value !== undefined) given[name] = value
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.set(name, error.message)
    }
  }
  const converted = Value.Convert(schema, given)
  if (problems.size === 0 && Value.Check(schema, converted)) return converted
  for (const error of Value.Errors(schema, converted)) {
    const name = error.instancePath.split('/')[1] ?? ''
    if (!problems.has(name)) problems.set(name, `${name} ${hintOf(schemas[name], error.message)}`)
  }
  throw new ConfigError([...problems.values()].join('\n'))
}

/** An empty variable means "not set", as compose files write it. */
function readText (name: string, { isSecret }: VariableSchema, env: Environment): string | undefined {
  const value = env[name] === '' ? undefined : env[name]
  const fileVariable = `${name}_FILE`
  const file = env[fileVariable]
  if (isSecret !== true || file === undefined || file === '') return value
  if (value !== undefined) throw new ConfigError(`${name} and ${fileVariable} are both set: leave one of them out`)
  const content = readSecret(fileVariable, file)
  if (content === '') throw new ConfigError(`${fileVariable}: ${file} is empty`)
  return content
}

function readSecret (variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new ConfigError(`${variable}: ${(error as Error).message}`)
  }
}

function parseVariable (given: string | undefined, { unit, default: value }: VariableSchema): unknown {
  const text = given ?? value
  if (unit === undefined || typeof text !== 'string') return text
  return parsers[unit](text) ?? text
}

function hintOf (schema: VariableSchema | undefined, message: string): string {
  if (schema?.unit !== undefined) return expected[schema.unit]
  return schema?.enum === undefined ? message : `must be one of ${schema.enum.join(', ')}`
}
