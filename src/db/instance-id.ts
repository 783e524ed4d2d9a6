import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Database } from './open.ts'
import { settings } from './schema/settings.ts'

const NAME = 'instance_id'

/**
 * Whose the containers of projects are: not a server's or a data directory's but the database's, so that all servers on it
 * find each other's, and none touches those of another database.
 */
export async function loadInstanceId (db: Database): Promise<string> {
  await db.insert(settings).values({ name: NAME, value: randomUUID() }).onConflictDoNothing()
  const [row] = await db.select().from(settings).where(eq(settings.name, NAME))
  if (row === undefined) throw new Error('the database lost its instance id')
  return row.value
}
