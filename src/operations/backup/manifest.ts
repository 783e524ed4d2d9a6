import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { closed } from '../../lib/schemas.ts'
import { OperationError } from '../errors.ts'

/** Names in an archive. */
export const MANIFEST = 'berth.json'
export const CHECKSUMS = 'checksums'
export const SEQUENCES = 'sequences.json'
/** Objects that were gone when they were to be copied, one a line. */
export const MISSING = 'missing'
export const TABLES = 'database/'
export const KEYS = 'keys/'
export const OBJECTS = 'snapshots/'

/** Of DATA_DIR, by the variable that is in the place of each. */
export const keyFiles: Readonly<Record<string, string>> = { API_KEY: 'api-key', JWT_SECRET: 'jwt-secret', SECRETS_KEY: 'secrets-key' }

const Identifier = Type.String({ pattern: '^[a-z_][a-z0-9_]{0,62}$' })

const ManifestSchema = Type.Object({
  format: Type.Literal(1),
  version: Type.String({ maxLength: 100 }),
  madeAt: Type.String({ maxLength: 100 }),
  /** Hashes of the migrations that the database has had. */
  migrations: Type.Array(Type.String({ maxLength: 128 }), { minItems: 1, maxItems: 10_000 }),
  /** In the order in which their rows can be put back. */
  tables: Type.Array(Type.Object({ name: Identifier, columns: Type.Array(Identifier, { minItems: 1 }) }, closed)),
  hasObjects: Type.Boolean(),
  /** Variables that gave the server keys which are not in the archive. */
  keysElsewhere: Type.Array(Type.String({ maxLength: 100 }))
}, closed)

export type Manifest = Static<typeof ManifestSchema>
export type Table = Manifest['tables'][number]

export function parseManifest (text: string): Manifest {
  try {
    const value: unknown = JSON.parse(text)
    if (Value.Check(ManifestSchema, value)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new OperationError('the archive is not one of this Berth\'s: it was made by a newer version, or is something else')
}
