import { readFile, writeFile } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import type { Config } from '../../config.ts'
import { startEmbeddedDatabase } from '../../db/embedded/index.ts'
import { migrateDatabase } from '../../db/migrate.ts'
import { readMigrations } from '../../db/migrations.ts'
import { openDatabase, type DatabaseAddress } from '../../db/open.ts'
import { waitForDatabase } from '../../db/wait.ts'
import { createDockerClient, DockerError, endpointFromEnv, type DockerClient } from '../../docker/index.ts'
import { ensurePrivateDirectory } from '../../lib/private-files.ts'
import { lockDirectory } from '../../lib/process-lock.ts'
import { adoptEngine, hasMarkers } from '../../projects/lifecycle/binding/adopt.ts'
import { openStorage } from '../../storage/open.ts'
import type { Arguments, Surroundings } from '../command.ts'
import { OperationError } from '../errors.ts'
import { joinDatabase, keysFromEnvironment, migrationsFolder, readSettings, readVersion, silent } from '../settings.ts'
import { writeBackup } from './backup.ts'
import { generateKeys } from './encryption.ts'
import { openFileArchive, writeFileArchive, writeStreamArchive } from './file.ts'
import { checkArchive, checkFitting, restoreArchive, type CheckedArchive } from './restore.ts'

const ENGINE = { deadlineMs: 5_000 }
const PATIENCE_MS = 30_000

export async function backup ({ words: [file = ''], options, lists }: Arguments, { env, stdout, say }: Surroundings): Promise<void> {
  const config = readSettings(env)
  const recipients = lists['recipient'] ?? []
  const database = await joinDatabase(config)
  const storage = options['without-snapshots'] === true ? undefined : await openStorage({ s3: config.snapshots.s3, dataDir: config.dataDir })
  try {
    const source = { address: database.address, dataDir: config.dataDir, storage, keysElsewhere: keysFromEnvironment(config), version: await readVersion() }
    const summary = file === '-'
      ? await writeStreamArchive(through(stdout), recipients, async (archive) => await writeBackup(source, archive))
      : await writeFileArchive(file, recipients, async (archive) => await writeBackup(source, archive))
    say(`${file === '-' ? 'written' : file}: ${summary.tables} tables, ${summary.objects} objects of snapshots${recipients.length === 0 ? '; not encrypted, and the keys are in it' : ''}`)
    if (storage === undefined) say('snapshots are not in it: their store needs a backup of its own')
    if (summary.missing.length > 0) say(`${summary.missing.length} objects of snapshots were not in the store, and a restore leaves those snapshots out`)
    if (summary.keysElsewhere.length > 0) say(`${summary.keysElsewhere.join(', ')} come from the environment and are not in it: keep them beside it`)
  } finally {
    storage?.close()
    await database.stop()
  }
}

/** Standard output is not ours to close. */
function through (stdout: NodeJS.WritableStream): PassThrough {
  const stream = new PassThrough()
  stream.pipe(stdout, { end: false })
  return stream
}

export async function backupKey ({ words: [file = ''] }: Arguments, { stdout, say }: Surroundings): Promise<void> {
  const { identity, recipient } = await generateKeys()
  await writeFile(file, `# public key: ${recipient}\n${identity}\n`, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw new OperationError(`${file} cannot be made: ${error.code === 'EEXIST' ? 'it is there already' : error.message}`)
  })
  stdout.write(`${recipient}\n`)
  say(`${file} opens what is encrypted to this: keep it where the server is not`)
}

export async function restore ({ words: [file = ''], options }: Arguments, { env, say }: Surroundings): Promise<void> {
  const config = readSettings(env)
  const identityFile = options['identity-file']
  const identity = typeof identityFile === 'string' ? await readIdentity(identityFile) : undefined
  const open = async () => await openFileArchive(file, identity)
  const archive = await checkArchive(open)
  const { manifest } = archive
  const migrations = readMigrations(migrationsFolder)
  await checkFitting(archive, { migrations, dataDir: config.dataDir, keysElsewhere: keysFromEnvironment(config) })
  say(`${file} is whole: Berth ${manifest.version}, ${manifest.madeAt}, ${manifest.tables.length} tables`)
  if (options['check'] === true) return

  await ensurePrivateDirectory(config.dataDir)
  const lock = await lockDirectory(config.dataDir)
  try {
    await restoreInto(config, { archive, open, migrations, isAdopting: options['adopt'] === true, docker: createDockerClient(endpointFromEnv(env)) }, say)
  } finally {
    await lock.release()
  }
}

async function readIdentity (file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: Error) => { throw new OperationError(`--identity-file: ${error.message}`) })
}

interface Restoring {
  readonly archive: CheckedArchive
  readonly open: Parameters<typeof restoreArchive>[0]
  readonly migrations: ReturnType<typeof readMigrations>
  readonly isAdopting: boolean
  readonly docker: DockerClient
}

async function restoreInto (config: Config, { archive: { manifest }, open, migrations, isAdopting, docker }: Restoring, say: Surroundings['say']): Promise<void> {
  const { address, stop } = config.databaseUrl === undefined ? await startEmbeddedDatabase(config.dataDir, silent) : { address: { url: config.databaseUrl }, stop: async () => undefined }
  const storage = await openStorage({ s3: config.snapshots.s3, dataDir: config.dataDir })
  let instanceId: string | undefined
  try {
    await waitForDatabase(address, { patienceMs: PATIENCE_MS, onWait: () => undefined })
    await restoreArchive(open, manifest, {
      address,
      dataDir: config.dataDir,
      storage,
      migrations,
      async checkEngine (id) {
        instanceId = id
        if (isAdopting || !await unlessAway(hasMarkers(docker, id, ENGINE), false)) return
        throw new OperationError('projects of this database are on this Docker Engine already, and perhaps a server that works with them. If none does, --adopt makes them the restored database\'s; a copy for tests needs an Engine of its own')
      }
    })
    await migrateDatabase(address, migrationsFolder)
    const isAdopted = instanceId !== undefined && await adopt(address, docker, instanceId)
    say(isAdopted ? 'restored; its projects belong to this Docker Engine from now on' : 'restored; the Docker Engine does not answer, and the first that a server is started with becomes its own')
    if (!manifest.hasObjects) say('the archive has no snapshots: SNAPSHOT_STORE must be what it was')
    say('projects whose volumes this Engine lacks are made again from their snapshots when they are next used')
  } finally {
    storage.close()
    await docker.close()
    await stop()
  }
}

async function adopt (address: DatabaseAddress, docker: DockerClient, instanceId: string): Promise<boolean> {
  const { db, close } = openDatabase(address)
  try {
    return await unlessAway(adoptEngine({ docker, db, instanceId, options: ENGINE }).then(() => true), false)
  } finally {
    await close()
  }
}

async function unlessAway<T> (asked: Promise<T>, otherwise: T): Promise<T> {
  return await asked.catch((error: unknown) => {
    if (error instanceof DockerError) return otherwise
    throw error
  })
}
