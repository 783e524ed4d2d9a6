import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { startEmbeddedDatabase } from '../../src/db/embedded/index.ts'
import { openClient } from '../../src/db/client.ts'
import { migrateDatabase } from '../../src/db/migrate.ts'
import { makeDataDir, removeDataDir } from './data-dir.ts'
import { startDatabaseProxy } from './database-proxy.ts'

const TEMPLATE = 'berth'

/** A PostgreSQL server that can be reached by URL. */
export async function startDatabaseServer () {
  const dataDir = await makeDataDir()
  const embedded = await startEmbeddedDatabase(dataDir, { debug: () => undefined, warn: () => undefined })
  if ('url' in embedded.address) throw new Error('the embedded database has no socket')
  const { socketDirectory, user, password } = embedded.address
  const socketPath = path.join(socketDirectory, '.s.PGSQL.5432')
  const proxy = await startDatabaseProxy(socketPath)
  const urlOf = (name: string): string => `postgres://${user}:${password}@127.0.0.1:${proxy.port}/${name}`
  // What is in it need not outlive the machine.
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) await administer(urlOf('postgres'), `alter system set ${setting} = off`)
  await administer(urlOf('postgres'), 'select pg_reload_conf()')
  await administer(urlOf('postgres'), `create database ${TEMPLATE}`)
  await migrateDatabase({ url: urlOf(TEMPLATE) }, path.join(import.meta.dirname, '../../migrations'))
  return {
    url: urlOf('postgres'),
    proxy,
    /** Of the server itself, for a proxy of one's own. */
    socketPath,
    stop: async () => {
      await proxy.close()
      await embedded.stop()
      await removeDataDir(dataDir)
    }
  }
}

/** A database of its own on that server, with our tables and nothing in them. */
export async function createDatabase (serverUrl: string, tablespace = 'pg_default'): Promise<{ url: string, drop: () => Promise<void> }> {
  const name = `test_${randomBytes(8).toString('hex')}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await administer(serverUrl, `create database ${name} template ${TEMPLATE} tablespace ${tablespace}`)
  return { url: url.href, drop: async () => await administer(serverUrl, `drop database ${name} with (force)`) }
}

async function administer (url: string, statement: string): Promise<void> {
  const client = openClient({ url })
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
