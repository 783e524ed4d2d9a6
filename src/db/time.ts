import { sql, type SQL } from 'drizzle-orm'

/** So many milliseconds ago by the database's clock, on which all servers agree. */
export function ago (ms: number): SQL {
  return sql`now() - ${ms}::float8 * interval '1 millisecond'`
}

export function fromNow (ms: number): SQL {
  return sql`now() + ${ms}::float8 * interval '1 millisecond'`
}
