import { count, eq, isNotNull, sql } from 'drizzle-orm'
import type { Database, Querying } from '../../../db/open.ts'
import { projectVolumes } from '../../../db/schema/project-volumes.ts'
import { settings } from '../../../db/schema/settings.ts'
import type { Binding } from './judge.ts'

const NAME = 'engine'
// Servers on one database take turns: the ASCII codes of "bind".
const BINDING_LOCK = 0x62_69_6e_64

export interface BindingTransaction {
  readonly known: Binding | undefined
  readonly save: (binding: Binding) => Promise<void>
}

export type BindingRepo = ReturnType<typeof createBindingRepo>

export function createBindingRepo (db: Database) {
  async function read (querying: Querying): Promise<Binding | undefined> {
    const [row] = await querying.select().from(settings).where(eq(settings.name, NAME))
    return row === undefined ? undefined : JSON.parse(row.value) as Binding
  }

  return {
    /** Does the work while no other server on this database does any. What it saves counts when it has succeeded. */
    exclusively: async <T>(work: (transaction: BindingTransaction) => Promise<T>): Promise<T> => await db.transaction(async (transaction) => {
      await transaction.execute(sql`select pg_advisory_xact_lock(${sql.raw(String(BINDING_LOCK))})`)
      return await work({
        known: await read(transaction),
        save: async (binding) => {
          const value = JSON.stringify(binding)
          await transaction.insert(settings).values({ name: NAME, value }).onConflictDoUpdate({ target: settings.name, set: { value } })
        }
      })
    }),

    /** The same after a restart, a failover and on a physical copy; another one on a database that was restored from a dump. */
    databaseId: async (): Promise<string | null> => {
      const { rows: [permission] } = await db.execute<{ may: boolean }>(sql`select coalesce(has_function_privilege(to_regprocedure('pg_control_system()'), 'execute'), false) as may`)
      if (permission?.may !== true) return null
      const { rows: [row] } = await db.execute<{ id: string }>(sql`
        select concat(system_identifier, '/', (select oid from pg_database where datname = current_database())) as id from pg_control_system()`)
      return row?.id ?? null
    },

    countFilled: async (): Promise<number> => {
      const [row] = await db.select({ projects: count() }).from(projectVolumes).where(isNotNull(projectVolumes.filledAt))
      return row?.projects ?? 0
    }
  }
}
