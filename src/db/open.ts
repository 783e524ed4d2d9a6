import { connect, type Socket } from 'node:net'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import * as schema from './schema/index.ts'

/** A server of somebody else's by URL, or our own by the directory of its unix socket. */
export type DatabaseAddress =
  | { readonly url: string }
  | { readonly socketDirectory: string, readonly user: string, readonly password: string, readonly database: string }

export type Database = PostgresJsDatabase<typeof schema>

/** What a query can be made with: the database, or a transaction on it. */
export type Querying = Pick<Database, 'select' | 'insert' | 'update' | 'delete' | 'execute'>

export interface OpenedDatabase {
  readonly db: Database
  readonly close: () => Promise<void>
}

interface ParsedOptions {
  readonly path: string | false
  readonly host: string[]
  readonly port: number[]
}

const POOL_SIZE = 10
const CONNECT_TIMEOUT_S = 3
const CLOSE_TIMEOUT_S = 5
// postgres.js waits up to 20 s before it dials a server again that was away; a request should be told at once.
const REDIAL_PAUSE_S = 0.02
const STATEMENT_TIMEOUT_MS = 15_000
const SILENCE_MS = 30_000
const KEEPALIVE_S = 5
const KEEPALIVES_LOST = 3

/** Opens a pool. Nothing is dialled before the first query. */
export function openDatabase (address: DatabaseAddress): OpenedDatabase {
  const client = openClient(address, { max: POOL_SIZE })
  return {
    db: drizzle({ client, schema }),
    close: async () => await client.end({ timeout: CLOSE_TIMEOUT_S })
  }
}

export interface ClientOptions {
  readonly max: number
  /** After which a connection without a byte either way is given up; 0 for never. */
  readonly silenceMs?: number
  readonly onclose?: () => void
  readonly onnotify?: (channel: string, payload: string) => void
}

/** postgres.js with deadlines for everything that can hang. */
export function openClient (address: DatabaseAddress, { silenceMs = SILENCE_MS, ...options }: ClientOptions) {
  const settings = {
    ...options,
    connect_timeout: CONNECT_TIMEOUT_S,
    backoff: () => REDIAL_PAUSE_S,
    fetch_types: false,
    onnotice: () => undefined,
    socket: createDialler(silenceMs),
    connection: {
      application_name: 'berth',
      TimeZone: 'UTC',
      statement_timeout: STATEMENT_TIMEOUT_MS,
      // A server whose machine has vanished keeps its locks until PostgreSQL notices: after 20 s, not two hours.
      tcp_keepalives_idle: KEEPALIVE_S,
      tcp_keepalives_interval: KEEPALIVE_S,
      tcp_keepalives_count: KEEPALIVES_LOST,
      idle_in_transaction_session_timeout: SILENCE_MS
    }
  }
  if ('url' in address) return postgres(address.url, settings)
  const { socketDirectory, user, password, database } = address
  return postgres({ ...settings, host: socketDirectory, user, password, database })
}

/**
 * Sockets that give up on a server that has gone silent, such as a host that vanished: statement_timeout is kept by the
 * server alone, and TCP notices after a quarter of an hour. An idle connection ends the same way, which does no harm.
 */
function createDialler (silenceMs: number): (options: ParsedOptions) => Socket {
  let attempt = 0
  return ({ path, host, port }) => {
    const index = attempt++ % host.length
    const socket = path === false ? connect(port[index] ?? 5432, host[index]) : connect(path)
    // The name that postgres.js checks a TLS certificate against.
    Object.assign(socket, { host: host[index] })
    return socket.setTimeout(silenceMs, () => socket.destroy())
  }
}
