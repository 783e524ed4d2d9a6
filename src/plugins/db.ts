import { randomUUID } from 'node:crypto'
import path from 'node:path'
import fp from 'fastify-plugin'
import { startEmbeddedDatabase } from '../db/embedded/index.ts'
import { createLiveness, type Liveness } from '../db/liveness.ts'
import { migrateDatabase } from '../db/migrate.ts'
import { createNotifications, type Notifications } from '../db/notifications.ts'
import { openDatabase, type Database } from '../db/open.ts'
import { waitForDatabase } from '../db/wait.ts'

declare module 'fastify' {
  interface FastifyInstance {
    db: Database
    notifications: Notifications
    liveness: Liveness
  }
}

export interface DatabaseOptions {
  /** Without one, a server of our own is started in the data directory. */
  readonly databaseUrl: string | undefined
  readonly dataDir: string
}

const PATIENCE_MS = 30_000
const migrationsFolder = path.join(import.meta.dirname, '../../migrations')

/** The database, migrated. */
export default fp<DatabaseOptions>(async (app, { databaseUrl, dataDir }) => {
  const { address, stop } = databaseUrl === undefined
    ? await startEmbeddedDatabase(dataDir, {
      debug: (message) => app.log.debug({ source: 'postgres' }, message),
      warn: (message) => app.log.warn({ source: 'postgres' }, message)
    })
    : { address: { url: databaseUrl }, stop: async () => undefined }
  await waitForDatabase(address, { patienceMs: PATIENCE_MS, onWait: () => app.log.warn('waiting for the database') })
  await migrateDatabase(address, migrationsFolder)
  const { db, close } = openDatabase(address)
  app.decorate('db', db)
  const notifications = createNotifications(address, { onError: (err) => app.log.debug({ err }, 'the database\'s notifications cannot be heard') })
  app.decorate('notifications', notifications)
  const liveness = createLiveness(address, { serverId: randomUUID(), onError: (err) => app.log.debug({ err }, 'the database does not know that this server lives') })
  app.decorate('liveness', liveness)
  app.addHook('onReady', async () => {
    notifications.start()
    liveness.start()
  })
  app.addHook('onClose', async () => {
    await Promise.all([notifications.stop(), liveness.stop()])
    await close()
    await stop()
  })
}, { name: 'db' })
