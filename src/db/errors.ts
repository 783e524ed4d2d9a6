import { DrizzleQueryError } from 'drizzle-orm/errors'
import pg from 'pg'

// The driver's own errors have no codes: a connection that was lost, cannot be had in time, or is closed by us.
const DRIVER_MESSAGES = /^(Connection terminated|Client (was closed|has encountered a connection error) and is not queryable|timeout (expired|exceeded when trying to connect)|Cannot use a pool after calling end)/

// What passes by itself, in the order of PostgreSQL's list: connection exceptions; a server that has become read-only
// (25006) or gave up an idle transaction; deadlocks; no disk, memory, connections or other resources left (53…); a lock that
// cannot be had; cancelled by a timeout; shutting down, crashed, starting up, idle for too long; a failed read or write.
const SERVER_STATES = /^(08...|25006|25P0[34]|40001|40P01|53...|55P03|57014|57P0[1-5]|58000|58030)$/

/**
 * Tells whether the database cannot do it now, as opposed to having refused a query for what it says: the same query may
 * succeed later. Looks through causes, since drizzle wraps what the driver throws.
 */
export function isDatabaseUnavailable (error: unknown): boolean {
  let isOfQuery = false
  for (const link of causesOf(error)) {
    if (link instanceof pg.DatabaseError) return SERVER_STATES.test(link.code ?? '')
    if (link instanceof Error && DRIVER_MESSAGES.test(link.message)) return true
    // A failed system call of the driver's socket; those of other sockets are not within a query.
    if (isOfQuery && ('syscall' in link || link instanceof AggregateError)) return true
    isOfQuery ||= link instanceof DrizzleQueryError
  }
  return false
}

/** The name of the constraint that a query broke. */
export function violatedConstraint (error: unknown): string | undefined {
  for (const link of causesOf(error)) {
    if (link instanceof pg.DatabaseError && link.constraint !== undefined) return link.constraint
  }
  return undefined
}

function * causesOf (error: unknown): Generator<object> {
  for (let link = error; typeof link === 'object' && link !== null; link = 'cause' in link ? link.cause : undefined) yield link
}
