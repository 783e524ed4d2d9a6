import { randomUUID } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Config } from '../../config.ts'
import { openClient } from '../../db/client.ts'
import { appliedMigrations, compareSchemas, readMigrations } from '../../db/migrations.ts'
import { openStorage } from '../../storage/open.ts'
import { OperationError } from '../errors.ts'
import { joinDatabase, migrationsFolder } from '../settings.ts'
import { broken, ok, weak, type Finding } from './finding.ts'

const LEAST_POSTGRESQL = 14
const CLOCK_MS = 5_000
const DEADLINE_MS = 5_000

export async function checkPort ({ host, port }: Pick<Config, 'host' | 'port'>): Promise<Finding> {
  const place = `${host}:${port}`
  const server = createServer().listen(port, host)
  const error = await once(server, 'listening').then(() => undefined, (failure: NodeJS.ErrnoException) => failure)
  server.close()
  if (error === undefined) return ok('port', `${place} is free`)
  if (error.code !== 'EADDRINUSE') return broken('port', `${place}: ${error.message}`, 'set HOST and PORT to what this user may listen on')
  const near = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? host
  const health = await fetch(`http://${near}:${port}/health`, { signal: AbortSignal.timeout(DEADLINE_MS) })
    .then(async (response) => await response.json() as { status?: string, version?: string }, () => undefined)
  return health?.status === 'ok'
    ? ok('port', `a Berth serves on ${place}${health.version === undefined ? '' : `, version ${health.version}`}`)
    : broken('port', `something else listens on ${place}`, 'stop it, or set PORT')
}

export async function checkDatabase (config: Pick<Config, 'databaseUrl' | 'dataDir'>, now: () => number): Promise<Finding[]> {
  const database = await joinDatabase(config).catch((error: Error) => error)
  if (database instanceof OperationError) return [ok('database', 'the embedded one, which the first start makes')]
  if (database instanceof Error) return [broken('database', database.message, 'see that PostgreSQL runs and DATABASE_URL is right')]
  const client = openClient(database.address)
  try {
    const connection = await client.connection()
    const [row] = await client.query<{ version: number, name: string, now: Date }>('select current_setting(\'server_version_num\')::int / 10000 as version, current_setting(\'server_version\') as name, clock_timestamp() as now')
    const known = readMigrations(migrationsFolder)
    const applied = await appliedMigrations(connection)
    const age = compareSchemas(applied, known)
    const drift = Math.abs((row?.now.getTime() ?? 0) - now())
    return [
      (row?.version ?? 0) < LEAST_POSTGRESQL ? broken('database', `PostgreSQL ${row?.name}`, `Berth needs PostgreSQL ${LEAST_POSTGRESQL} or newer`) : ok('database', `PostgreSQL ${row?.name}${config.databaseUrl === undefined ? ', embedded' : ''}`),
      age === 'newer'
        ? broken('migrations', 'the database has some that this version does not know', 'use the version of Berth that it was last used with, or a newer one')
        : age === 'older' ? ok('migrations', `${applied.length} of ${known.length}; the next start brings it up to date`) : ok('migrations', `all ${known.length}`),
      ...(drift > CLOCK_MS ? [weak('clock', `the database's is ${Math.round(drift / 1000)} s away from this machine's`, 'keep both with NTP')] : [])
    ]
  } finally {
    await client.end()
    await database.stop()
  }
}

/** Writes, reads and removes a small object. */
export async function checkStore ({ snapshots, dataDir }: Pick<Config, 'snapshots' | 'dataDir'>): Promise<Finding> {
  const place = snapshots.s3 === undefined ? 'the folder snapshots in DATA_DIR' : `the bucket ${snapshots.s3.bucket}`
  const key = `doctor/${randomUUID()}`
  const written = Buffer.from(key)
  const signal = AbortSignal.timeout(DEADLINE_MS)
  try {
    const storage = await openStorage({ s3: snapshots.s3, dataDir })
    try {
      await storage.put(key, Readable.from([written]), signal)
      const read = await buffer(await storage.get(key, signal))
      return read.equals(written) ? ok('snapshots', `${place} takes and gives back`) : broken('snapshots', `${place} gives back something else than it was given`, 'use another store')
    } finally {
      await storage.remove(key).finally(() => storage.close())
    }
  } catch (error) {
    return broken('snapshots', `${place} does not work: ${(error as Error).message}`, snapshots.s3 === undefined ? 'see who DATA_DIR belongs to' : 'see that SNAPSHOT_STORE is right, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set')
  }
}

/** Names that browsers are sent to. Below localhost they need no DNS. */
export async function checkNames ({ previews }: Pick<Config, 'previews'>): Promise<Finding[]> {
  const { publicUrl, domain } = previews
  const server = publicUrl === undefined ? undefined : new URL(publicUrl).hostname
  return [
    ...(server === undefined ? [] : [await resolves('PUBLIC_URL', server, 'add a DNS record for it')]),
    domain === 'localhost'
      ? ok('PREVIEW_DOMAIN', 'localhost, for browsers on this machine')
      : await resolves('PREVIEW_DOMAIN', `3000--berth-doctor.${domain}`, `add a wildcard DNS record, *.${domain}`)
  ]
}

async function resolves (name: string, host: string, advice: string): Promise<Finding> {
  return await lookup(host.replace(/^\[(.*)\]$/, '$1')).then(({ address }) => ok(name, `${host} is ${address}`), (error: NodeJS.ErrnoException) => weak(name, `${host} does not resolve from here (${error.code ?? error.message})`, advice))
}
