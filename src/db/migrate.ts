import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { openClient } from './client.ts'
import type { DatabaseAddress } from './open.ts'

// Any number that nobody else locks on this database: the ASCII codes of "berth".
const MIGRATION_LOCK = 0x62_65_72_74_68

/** Brings the schema up to date. Of several servers that start at once, one does it and the others wait. */
export async function migrateDatabase (address: DatabaseAddress, migrationsFolder: string): Promise<void> {
  // The lock belongs to the connection, so there must be only one. Waiting for it, nothing is heard.
  const client = openClient(address, { silenceMs: 0 })
  try {
    const db = drizzle({ client: await client.connection() })
    await db.execute(sql`set statement_timeout = 0`)
    await db.execute(sql`select pg_advisory_lock(${sql.raw(String(MIGRATION_LOCK))})`)
    await migrate(db, { migrationsFolder })
  } finally {
    await client.end()
  }
}
