import { sql } from 'drizzle-orm'

/** While somebody holds it, objects of snapshots stay where they are: the ASCII codes of "copy". */
export const BACKUP_LOCK = 0x63_6f_70_79

/** Whether a backup of this database is being made. */
export const isBackupUnderWay = sql<boolean>`exists (
  select 1 from pg_locks
  where locktype = 'advisory' and classid = 0 and objid = ${sql.raw(String(BACKUP_LOCK))}
    and database = (select oid from pg_database where datname = current_database()))`
