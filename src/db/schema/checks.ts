import { sql, type SQL } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'

/** `column in ('a', 'b')`. The values become part of the migration's text, so they must be ours. */
export function oneOf (column: AnyPgColumn, values: readonly string[]): SQL {
  return sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(', '))})`
}

export function lengthBetween (column: AnyPgColumn, shortest: number, longest: number): SQL {
  return sql`char_length(${column}) between ${sql.raw(String(shortest))} and ${sql.raw(String(longest))}`
}
