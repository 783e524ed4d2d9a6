import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { BACKUP_LOCK } from '../../db/backup-lock.ts'
import { openClient } from '../../db/client.ts'
import { appliedMigrations } from '../../db/migrations.ts'
import type { DatabaseAddress } from '../../db/open.ts'
import type { ObjectStorage } from '../../storage/object-storage.ts'
import { OperationError } from '../errors.ts'
import type { ArchiveWriter } from './archive-writer.ts'
import { keyFiles, KEYS, MANIFEST, SEQUENCES, TABLES, type Manifest } from './manifest.ts'
import { exportObjects, listObjects } from './objects.ts'
import { exportTable, listTables, readSequences } from './tables.ts'

export interface BackupSource {
  readonly address: DatabaseAddress
  readonly dataDir: string
  /** Undefined where the store of snapshots is backed up by itself. */
  readonly storage: ObjectStorage | undefined
  /** Variables that give the server keys, in place of files in DATA_DIR. */
  readonly keysElsewhere: readonly string[]
  readonly version: string
}

export interface BackupSummary {
  readonly tables: number
  readonly objects: number
  readonly missing: readonly string[]
  readonly keysElsewhere: readonly string[]
}

/** Writes all that a Berth is: its database as it was at one moment, its keys, and the snapshots that the database knew then. */
export async function writeBackup (source: BackupSource, archive: ArchiveWriter): Promise<BackupSummary> {
  // Neither the lock nor the moment may go while large objects are copied.
  const client = openClient(source.address, { silenceMs: 0 })
  try {
    const connection = await client.connection()
    await connection.query('set statement_timeout = 0')
    await connection.query('set idle_in_transaction_session_timeout = 0')
    // Before the moment: what is removed until it is held was removed for that moment, too.
    await connection.query(`select pg_advisory_lock_shared(${BACKUP_LOCK})`)
    await connection.query('begin transaction isolation level repeatable read, read only')
    const migrations = await appliedMigrations(connection)
    if (migrations.length === 0) throw new OperationError('there is nothing to back up: no server has used this database yet')
    const tables = await listTables(connection)
    const manifest: Manifest = {
      format: 1,
      version: source.version,
      madeAt: new Date().toISOString(),
      migrations,
      tables,
      hasObjects: source.storage !== undefined,
      keysElsewhere: [...source.keysElsewhere]
    }
    await archive.add(MANIFEST, [Buffer.from(JSON.stringify(manifest, null, 2))])
    for (const table of tables) await archive.add(TABLES + table.name, exportTable(connection, table))
    const objects = await listObjects(connection)
    // They are not part of the moment, and count up only.
    await archive.add(SEQUENCES, [Buffer.from(JSON.stringify(await readSequences(connection)))])
    await connection.query('commit')

    for (const [variable, name] of Object.entries(keyFiles)) {
      if (!source.keysElsewhere.includes(variable)) await archive.add(KEYS + name, [await readKey(path.join(source.dataDir, name))])
    }
    const { missing } = source.storage === undefined ? { missing: [] } : await exportObjects(source.storage, objects, archive)
    // A lock that was lost meanwhile has protected nothing.
    await connection.query('select 1').catch((cause: unknown) => {
      throw new OperationError('the database was lost while snapshots were copied: take the backup again', { cause })
    })
    await archive.finish()
    return { tables: tables.length, objects: source.storage === undefined ? 0 : objects.length - missing.length, missing, keysElsewhere: source.keysElsewhere }
  } finally {
    await client.end()
  }
}

async function readKey (file: string): Promise<Buffer> {
  return await readFile(file).catch((error: Error) => { throw new OperationError(`a key of the server is needed, run this with its settings and as its user: ${error.message}`) })
}
