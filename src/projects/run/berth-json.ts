import { Compile } from 'typebox/compile'
import Type, { type Static } from 'typebox'
import { errors } from '../../errors.ts'
import { closed } from '../../lib/schemas.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { readFile } from '../../sandbox/agent-client/read-file.ts'
import { ErrorCode, restartPolicies } from '../../sandbox/agent-protocol.ts'
import { commandProperties } from '../core/command.ts'

const BERTH_JSON = 'berth.json'
/** Of it, more is not read. */
const BERTH_JSON_BYTES = 64 * 1024

const CommandSchema = commandProperties.cmd

/** What a project says of itself, all of it optional. */
const BerthJsonSchema = Type.Object({
  /** A command, or one for each kind of file: a path, or `*.` and an extension. `{path}` is the file's path. */
  run: Type.Optional(Type.Union([CommandSchema, Type.Record(Type.String({ minLength: 1 }), CommandSchema)])),
  build: Type.Optional(CommandSchema),
  test: Type.Optional(CommandSchema),
  env: commandProperties.env,
  /** Where its server listens; that is its PORT too. */
  preview: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  /** As its language's installer takes them. */
  packages: Type.Optional(Type.Array(Type.String({ pattern: '^[^-\\s\\p{C}][^\\s\\p{C}]*$', maxLength: 214 }), { maxItems: 100 })),
  services: Type.Optional(Type.Array(Type.Object({
    name: Type.String({ minLength: 1, maxLength: 40, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' }),
    ...commandProperties,
    restart: Type.Optional(Type.Enum([...restartPolicies]))
  }, closed), { maxItems: 20 }))
}, closed)
export type BerthJson = Static<typeof BerthJsonSchema>
export type Command = Static<typeof CommandSchema>

const validator = Compile(BerthJsonSchema)

/** Throws BAD_BERTH_JSON, which says what is wrong with it. */
export function parseBerthJson (text: string): BerthJson {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new errors.BAD_BERTH_JSON(`it is not JSON: ${(error as Error).message}`)
  }
  if (validator.Check(value)) return value
  const [problem] = validator.Errors(value)
  throw new errors.BAD_BERTH_JSON(`${problem?.instancePath.slice(1).replaceAll('/', '.') ?? ''} ${problem?.message ?? 'is not what it should be'}`.trim())
}

/** What a project says of itself; nothing where it has no such file. Throws BAD_BERTH_JSON. */
export async function readBerthJson (agent: AgentConnection): Promise<BerthJson> {
  try {
    const { entry, bytes } = await readFile(agent, BERTH_JSON, { length: BERTH_JSON_BYTES })
    if (entry.size > BERTH_JSON_BYTES) {
      bytes.destroy()
      throw new errors.BAD_BERTH_JSON(`it has ${entry.size} bytes, at most ${BERTH_JSON_BYTES} are possible`)
    }
    return parseBerthJson(Buffer.concat(await bytes.toArray() as Buffer[]).toString())
  } catch (error) {
    if (error instanceof AgentOperationError && error.code === ErrorCode.NOT_FOUND) return {}
    throw error
  }
}
