import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import type { Table } from './manifest.ts'

const quote = pg.escapeIdentifier

const columnsOf = ({ columns }: Table): string => columns.map(quote).join(', ')

/** All of the schema with what can be written of them, those that others refer to first. */
export async function listTables (client: pg.Client): Promise<Table[]> {
  const { rows: tables } = await client.query<Table>(`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace group by c.relname order by c.relname`)
  const { rows: references } = await client.query<{ from: string, to: string }>(`
    select f.relname as "from", t.relname as "to" from pg_constraint r
    join pg_class f on f.oid = r.conrelid join pg_class t on t.oid = r.confrelid
    where r.contype = 'f' and f.oid <> t.oid and f.relnamespace = current_schema()::regnamespace`)
  return inOrder(tables, (name) => references.filter(({ from }) => from === name).map(({ to }) => to))
}

/** Each after those that it refers to. */
export function inOrder (tables: readonly Table[], refersTo: (name: string) => readonly string[]): Table[] {
  const ordered = new Set<Table>()
  const add = (table: Table, trail: readonly string[]): void => {
    if (trail.includes(table.name)) throw new Error(`tables refer to each other in a circle: ${[...trail, table.name].join(', ')}`)
    for (const other of refersTo(table.name)) {
      const found = tables.find(({ name }) => name === other)
      if (found !== undefined && !ordered.has(found)) add(found, [...trail, table.name])
    }
    ordered.add(table)
  }
  for (const table of tables) if (!ordered.has(table)) add(table, [])
  return [...ordered]
}

/** Its rows, as PostgreSQL writes them for itself. */
export function exportTable (client: pg.Client, table: Table): Readable {
  return client.query(copyTo(`copy ${quote(table.name)} (${columnsOf(table)}) to stdout`))
}

/** What the rows would have others told of is no news. */
export async function importTable (client: pg.Client, table: Table, rows: AsyncIterable<Buffer>): Promise<void> {
  await client.query(`alter table ${quote(table.name)} disable trigger user`)
  const copying = client.query(copyFrom(`copy ${quote(table.name)} (${columnsOf(table)}) from stdin`))
  await pipeline(Readable.from(rows, { objectMode: false }), copying)
  await client.query(`alter table ${quote(table.name)} enable trigger user`)
}

/** Where each stands; not those that nobody has asked yet. */
export async function readSequences (client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string, value: string }>(`
    select sequencename as name, last_value::text as value from pg_sequences where schemaname = current_schema() and last_value is not null`)
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}

export async function setSequences (client: pg.Client, sequences: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(sequences)) await client.query('select setval(quote_ident($1)::regclass, $2::bigint)', [name, value])
}
