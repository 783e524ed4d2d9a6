const DRIVER_CODES = new Set(['CONNECT_TIMEOUT', 'CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED'])

// What passes by itself, in the order of PostgreSQL's list: connection exceptions; a server that has become read-only
// (25006) or gave up an idle transaction; deadlocks; no disk, memory, connections or other resources left (53…); a lock that
// cannot be had; cancelled by a timeout; shutting down, crashed, starting up, idle for too long; a failed read or write.
const SERVER_STATES = /^(08...|25006|25P0[34]|40001|40P01|53...|55P03|57014|57P0[1-5]|58000|58030)$/

/**
 * Tells whether the database cannot do it now, as opposed to having refused a query for what it says: the same query may
 * succeed later. Looks through causes, since drizzle wraps what the driver throws.
 */
export function isDatabaseUnavailable (error: unknown): boolean {
  for (const link of causesOf(error)) {
    const { code } = link
    if (typeof code !== 'string') continue
    if (DRIVER_CODES.has(code)) return true
    if (isPostgresError(link)) return SERVER_STATES.test(code)
    // A failed system call of the driver's socket. It has the query noted on it; those of other sockets have not.
    if ('query' in link && 'syscall' in link) return true
  }
  return false
}

/** The name of the constraint that a query broke. */
export function violatedConstraint (error: unknown): string | undefined {
  for (const link of causesOf(error)) {
    if (isPostgresError(link) && 'constraint_name' in link && typeof link.constraint_name === 'string') return link.constraint_name
  }
  return undefined
}

function * causesOf (error: unknown): Generator<{ readonly code?: unknown, readonly cause?: unknown }> {
  for (let link = error; typeof link === 'object' && link !== null; link = 'cause' in link ? link.cause : undefined) yield link
}

function isPostgresError (error: object): boolean {
  return 'name' in error && error.name === 'PostgresError'
}
