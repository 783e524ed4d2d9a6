const DRIVER_CODES = new Set(['CONNECT_TIMEOUT', 'CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED'])

// Connection exceptions; too many connections; cancelled by a timeout; shutting down, crashed, starting up; idle for too long.
const SERVER_STATES = /^(08...|53300|57014|57P0[1-5]|25P03)$/

/**
 * Tells whether the database could not be asked at all, as opposed to having refused a query. Looks through causes,
 * since drizzle wraps what the driver throws.
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
