import { readMigrationFiles } from 'drizzle-orm/migrator'
import type pg from 'pg'

export interface Migration {
  /** Of the file, by which a database knows that it has been there. */
  readonly hash: string
  readonly madeAt: number
  readonly statements: readonly string[]
}

/** All of this version's, the oldest first. */
export function readMigrations (migrationsFolder: string): Migration[] {
  return readMigrationFiles({ migrationsFolder }).map(({ hash, folderMillis, sql }) => ({ hash, madeAt: folderMillis, statements: sql }))
}

/** Hashes of those that the database has had, the oldest first; none for one that no server has used yet. */
export async function appliedMigrations (client: Pick<pg.Client, 'query'>): Promise<string[]> {
  const { rows: [table] } = await client.query<{ isThere: boolean }>('select to_regclass(\'drizzle.__drizzle_migrations\') is not null as "isThere"')
  if (table?.isThere !== true) return []
  return (await client.query<{ hash: string }>('select hash from drizzle.__drizzle_migrations order by created_at')).rows.map(({ hash }) => hash)
}

/** Makes the schema of an earlier version in the caller's transaction, as drizzle's own migrator would; that one goes on from there. */
export async function applyMigrations (client: Pick<pg.Client, 'query'>, migrations: readonly Migration[]): Promise<void> {
  await client.query('create schema if not exists drizzle')
  await client.query('create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)')
  for (const { hash, madeAt, statements } of migrations) {
    for (const statement of statements) await client.query(statement)
    await client.query('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [hash, madeAt])
  }
}

export type SchemaAge = 'same' | 'older' | 'newer'

/** How old a schema is beside this version's: newer also where it has had what this version does not know. */
export function compareSchemas (applied: readonly string[], known: readonly Migration[]): SchemaAge {
  if (applied.some((hash, i) => known[i]?.hash !== hash)) return 'newer'
  return applied.length === known.length ? 'same' : 'older'
}
