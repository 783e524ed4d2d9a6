import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import type pg from 'pg'
import { openClient } from '../../db/client.ts'
import { applyMigrations, compareSchemas, type Migration } from '../../db/migrations.ts'
import type { DatabaseAddress } from '../../db/open.ts'
import { loadOrCreatePrivateFile } from '../../lib/private-files.ts'
import type { ObjectStorage } from '../../storage/object-storage.ts'
import { OperationError } from '../errors.ts'
import { readFiles, readSmall, verifyFiles, type ArchivedFile } from './archive-reader.ts'
import { keyFiles, KEYS, MANIFEST, MISSING, parseManifest, SEQUENCES, TABLES, type Manifest } from './manifest.ts'
import { forgetMissing, objectKeyOf } from './objects.ts'
import { importTable, listTables, setSequences } from './tables.ts'

const MOST_SMALL_BYTES = 16 * 1024 ** 2
const MOST_KEY_BYTES = 4_096
const KEY_NAMES = new Set(Object.values(keyFiles).map((name) => KEYS + name))

export interface CheckedArchive {
  readonly manifest: Manifest
  /** By their names in DATA_DIR. */
  readonly keys: ReadonlyMap<string, string>
}

/** Reads all of an archive once, and changes nothing. Throws OperationError where it is damaged. */
export async function checkArchive (open: () => Promise<Readable>): Promise<CheckedArchive> {
  let manifest: Manifest | undefined
  const keys = new Map<string, string>()
  await verifyFiles(readFiles(await open()), async (file) => {
    if (file.name === MANIFEST) manifest = parseManifest(await readSmall(file, MOST_SMALL_BYTES))
    if (KEY_NAMES.has(file.name)) keys.set(file.name.slice(KEYS.length), (await readSmall(file, MOST_KEY_BYTES)).trim())
  })
  if (manifest === undefined) throw new OperationError('the archive is none of Berth\'s')
  return { manifest, keys }
}

/** Throws OperationError for an archive that this version, or these settings, cannot make a Berth of. */
export async function checkFitting ({ manifest, keys }: CheckedArchive, { migrations, keysElsewhere, dataDir }: Pick<RestoreTarget, 'migrations' | 'dataDir'> & { keysElsewhere: readonly string[] }): Promise<void> {
  if (compareSchemas(manifest.migrations, migrations) === 'newer') {
    throw new OperationError(`the archive was made by Berth ${manifest.version}, whose database has migrations that this version does not know: restore it with that version or a newer one`)
  }
  const lacking = ['SECRETS_KEY', 'JWT_SECRET'].filter((variable) => manifest.keysElsewhere.includes(variable) && !keysElsewhere.includes(variable))
  if (lacking.length > 0) throw new OperationError(`the archive has no ${lacking.join(' and no ')}, which the server got from its environment: set it as it was there`)
  if (keysElsewhere.includes('SECRETS_KEY') && keys.has('secrets-key')) {
    throw new OperationError('SECRETS_KEY is set, and the secrets of the archive are sealed with a key of its own: unset it')
  }
  for (const [name, key] of keys) {
    const file = path.join(dataDir, name)
    const there = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    if (there !== undefined && there.trim() !== key) throw new OperationError(`${file} is another key than the archive's: restore into an empty DATA_DIR`)
  }
}

export interface RestoreTarget {
  readonly address: DatabaseAddress
  readonly dataDir: string
  readonly storage: ObjectStorage
  readonly migrations: readonly Migration[]
  /** Asked with the database's id before anything is kept; throws where the restored one may not work on this Engine. */
  readonly checkEngine: (instanceId: string) => Promise<void>
}

/** Makes an empty database what the archive says, all of it or nothing. Objects and keys that are there before it are the same when it is done again. */
export async function restoreArchive (open: () => Promise<Readable>, manifest: Manifest, target: RestoreTarget): Promise<void> {
  const client = openClient(target.address, { silenceMs: 0 })
  try {
    const connection = await client.connection()
    await connection.query('set statement_timeout = 0')
    await connection.query('set idle_in_transaction_session_timeout = 0')
    await refuseFilled(connection)
    await connection.query('begin')
    await applyMigrations(connection, target.migrations.slice(0, manifest.migrations.length))
    const fill = createFiller(connection, manifest, target, await listTables(connection))
    await verifyFiles(readFiles(await open()), fill)
    // Which Engine it belongs to is found out anew.
    await connection.query('delete from settings where name = \'engine\'')
    const { rows: [row] } = await connection.query<{ value: string }>('select value from settings where name = \'instance_id\'')
    if (row !== undefined) await target.checkEngine(row.value)
    await connection.query('commit')
  } finally {
    await client.end()
  }
}

async function refuseFilled (connection: pg.Client): Promise<void> {
  const { rows: [found] } = await connection.query<{ name: string }>('select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind in (\'r\', \'p\') limit 1')
  if (found !== undefined) throw new OperationError(`the database is not empty, it has a table ${found.name}: a backup is restored into an empty one only`)
}

function createFiller (connection: pg.Client, manifest: Manifest, { dataDir, storage }: RestoreTarget, known: Awaited<ReturnType<typeof listTables>>) {
  const tables = new Map(manifest.tables.map((table) => [TABLES + table.name, table]))

  return async (file: ArchivedFile): Promise<void> => {
    const { name, content } = file
    const table = tables.get(name)
    const objectKey = objectKeyOf(name)
    if (table !== undefined) {
      const has = known.find((other) => other.name === table.name)
      if (has === undefined || table.columns.some((column) => !has.columns.includes(column))) throw new OperationError(`the archive has a table ${table.name} that its own version did not have`)
      await importTable(connection, table, content)
    } else if (objectKey !== undefined) {
      await storage.put(objectKey, Readable.from(content, { objectMode: false }))
    } else if (KEY_NAMES.has(name)) {
      const key = (await readSmall(file, MOST_KEY_BYTES)).trim()
      await loadOrCreatePrivateFile(path.join(dataDir, name.slice(KEYS.length)), () => key)
    } else if (name === SEQUENCES) {
      await setSequences(connection, JSON.parse(await readSmall(file, MOST_SMALL_BYTES)) as Record<string, string>)
    } else if (name === MISSING) {
      await forgetMissing(connection, (await readSmall(file, MOST_SMALL_BYTES)).split('\n').filter((key) => key !== ''))
    } else if (name !== MANIFEST) {
      throw new OperationError(`the archive has a ${name} that this version does not know`)
    }
  }
}
