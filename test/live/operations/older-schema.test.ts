import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { openClient } from '../../../src/db/client.ts'
import { migrateDatabase } from '../../../src/db/migrate.ts'
import { appliedMigrations, applyMigrations, readMigrations } from '../../../src/db/migrations.ts'
import { writeBackup } from '../../../src/operations/backup/backup.ts'
import { openFileArchive, writeFileArchive } from '../../../src/operations/backup/file.ts'
import { checkArchive, checkFitting, restoreArchive } from '../../../src/operations/backup/restore.ts'
import { createDirectoryStorage } from '../../../src/storage/directory.ts'
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts'

const migrationsFolder = path.join(import.meta.dirname, '../../../migrations')
const migrations = readMigrations(migrationsFolder)
const older = migrations.slice(0, 11)
const keysElsewhere = ['API_KEY', 'JWT_SECRET', 'SECRETS_KEY']

let dataDir: string
let names: string[] = []
beforeAll(async () => { dataDir = await makeDataDir() })
afterAll(async () => {
  const client = openClient({ url: inject('databaseServerUrl') })
  for (const name of names) await client.query(`drop database ${name} with (force)`)
  await client.end()
  names = []
  await removeDataDir(dataDir)
})

async function createEmpty (): Promise<{ url: string }> {
  const url = new URL(inject('databaseServerUrl'))
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const client = openClient({ url: url.href })
  await client.query(`create database ${name}`)
  await client.end()
  names.push(name)
  url.pathname = `/${name}`
  return { url: url.href }
}

it('a backup of an older schema is restored as it was, and then brought up to date; one of a newer schema is refused', async () => {
  const source = await createEmpty()
  const client = openClient(source)
  await applyMigrations(await client.connection(), older)
  await client.query('insert into users (role) values (\'admin\')')
  await client.query('insert into projects (user_id, name, runtime) select id, E\'tab\\t, line\\n, back\\\\slash and "quote"\', \'python\' from users')
  await client.query('insert into audit_events (action) values (\'test\')')
  await client.end()

  const file = path.join(dataDir, 'older.tar.gz')
  const storage = createDirectoryStorage(path.join(dataDir, 'snapshots'))
  await writeFileArchive(file, [], async (archive) => await writeBackup({ address: source, dataDir, storage, keysElsewhere, version: '0.0.1' }, archive))
  const open = async () => await openFileArchive(file, undefined)
  const archive = await checkArchive(open)
  await expect(checkFitting(archive, { migrations: older.slice(0, -1), dataDir, keysElsewhere })).rejects.toThrow(/made by Berth 0\.0\.1, whose database has migrations that this version does not know/)
  await expect(checkFitting(archive, { migrations, dataDir, keysElsewhere: ['SECRETS_KEY'] })).rejects.toThrow(/has no JWT_SECRET/)
  await checkFitting(archive, { migrations, dataDir, keysElsewhere })

  const target = await createEmpty()
  await restoreArchive(open, archive.manifest, { address: target, dataDir, storage, migrations, checkEngine: async () => undefined })
  await migrateDatabase(target, migrationsFolder)
  const restored = openClient(target)
  expect((await appliedMigrations(await restored.connection())).length).toBe(migrations.length)
  expect(await restored.query('select role, p.name from users u join projects p on p.user_id = u.id')).toEqual([{ role: 'admin', name: 'tab\t, line\n, back\\slash and "quote"' }])
  // Numbers go on where they were.
  const [next] = await restored.query<{ isNext: boolean }>('insert into audit_events (action) values (\'next\') returning id > (select min(id) from audit_events) as "isNext"')
  expect(next).toEqual({ isNext: true })
  await restored.end()
})

it('what fails in the middle leaves an empty database, which can be tried again', async () => {
  const open = async () => await openFileArchive(path.join(dataDir, 'older.tar.gz'), undefined)
  const { manifest } = await checkArchive(open)
  const target = await createEmpty()
  const options = { address: target, dataDir, storage: createDirectoryStorage(path.join(dataDir, 'snapshots')), migrations }
  await expect(restoreArchive(open, { ...manifest, tables: manifest.tables.map((table) => ({ ...table, columns: [...table.columns, 'no_such_column'] })) }, { ...options, checkEngine: async () => undefined }))
    .rejects.toThrow(/that its own version did not have/)
  const client = openClient(target)
  expect(await client.query('select 1 from pg_class where relnamespace = \'public\'::regnamespace')).toEqual([])
  await client.end()
  await restoreArchive(open, manifest, { ...options, checkEngine: async () => undefined })
})
