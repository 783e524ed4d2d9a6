import { and, desc, sql, type SQL } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'

/** Where a page of a list ended. */
export interface Cursor {
  readonly createdAt: Date
  readonly id: string
}

interface ListColumns {
  readonly createdAt: AnyPgColumn
  readonly id: AnyPgColumn
}

/** Newest first; rows of the same millisecond by their id. */
export function newestFirst ({ createdAt, id }: ListColumns): SQL[] {
  return [desc(createdAt), desc(id)]
}

/** The condition together with "after the cursor", as one comparison that the list's index answers. */
export function pageAfter ({ createdAt, id }: ListColumns, cursor: Cursor | undefined, condition: SQL): SQL {
  if (cursor === undefined) return condition
  return and(condition, sql`(${createdAt}, ${id}) < (${cursor.createdAt.toISOString()}::timestamptz, ${cursor.id}::uuid)`) ?? condition
}

/** The first `limit` rows, and the cursor of the next page if there are more. Ask the database for one row more than the limit. */
export function toPage<Row extends Cursor> (rows: readonly Row[], limit: number): { rows: Row[], nextCursor: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last) : null }
}

export function encodeCursor ({ createdAt, id }: Cursor): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url')
}

/** undefined for anything that `encodeCursor` has not made: times of another millennium are none to the database. */
export function decodeCursor (text: string): Cursor | undefined {
  const match = /^(\d{1,13})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(Buffer.from(text, 'base64url').toString('latin1'))
  return match === null ? undefined : { createdAt: new Date(Number(match[1])), id: match[2] ?? '' }
}
