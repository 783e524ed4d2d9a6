import { Socket } from 'node:net'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import * as schema from './schema/index.ts'

/** A server of somebody else's by URL, or our own by the directory of its unix socket. */
export type DatabaseAddress =
  | { readonly url: string }
  | { readonly socketDirectory: string, readonly user: string, readonly password: string, readonly database: string }

export type Database = NodePgDatabase<typeof schema>

/** What a query can be made with: the database, or a transaction on it. */
export type Querying = Pick<Database, 'select' | 'insert' | 'update' | 'delete' | 'execute'>

export interface OpenedDatabase {
  readonly db: Database
  readonly close: () => Promise<void>
}

const POOL_SIZE = 10
const CONNECT_TIMEOUT_MS = 3_000
/** For a connection that others use: of a thousand requests at once the last waits for all the others. */
const QUEUE_TIMEOUT_MS = 15_000
const CLOSE_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 15_000
export const SILENCE_MS = 30_000
const KEEPALIVE_S = 5
const KEEPALIVES_LOST = 3

/** Opens a pool. Nothing is dialled before the first query. */
export function openDatabase (address: DatabaseAddress): OpenedDatabase {
  const settings = connectionSettings(address, SILENCE_MS)
  // The pool's timeout is for both, to dial and to wait. drizzle takes for a pool what has that in its class's name.
  class DialledClient extends pg.Client {
    constructor () {
      super(settings)
    }
  }
  const pool = new pg.Pool({ ...settings, Client: DialledClient, connectionTimeoutMillis: QUEUE_TIMEOUT_MS, max: POOL_SIZE, idleTimeoutMillis: 0 })
  // Whoever has a connection that is lost is told by the query under way, or by the next.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => { client.on('error', () => undefined) })

  /** drizzle's own keeps a connection for good that is lost as the transaction begins. */
  const transaction: Database['transaction'] = async (work, config) => {
    const client = await pool.connect().catch((cause: unknown) => { throw new DrizzleQueryError('begin', [], cause as Error) })
    try {
      return await drizzle({ client, schema }).transaction(work, config)
    } finally {
      client.release()
    }
  }

  return {
    db: Object.assign(drizzle({ client: pool, schema }), { transaction }),
    async close () {
      const ended = pool.end()
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref())])
    }
  }
}

/** With deadlines for everything that can hang. `silenceMs` without a byte either way gives a connection up; 0 is never. */
export function connectionSettings (address: DatabaseAddress, silenceMs: number): pg.ClientConfig {
  const place = 'url' in address ? { connectionString: address.url } : { ...address, host: address.socketDirectory }
  return {
    ...place,
    application_name: 'berth',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: SILENCE_MS,
    // A server whose machine has vanished keeps its locks until PostgreSQL notices: after 20 s, not two hours.
    options: `-c TimeZone=UTC -c tcp_keepalives_idle=${KEEPALIVE_S} -c tcp_keepalives_interval=${KEEPALIVE_S} -c tcp_keepalives_count=${KEEPALIVES_LOST}`,
    stream: () => createSocket(silenceMs)
  }
}

/**
 * Gives up on a server that has gone silent, such as a host that vanished: statement_timeout is kept by the server alone,
 * and TCP notices after a quarter of an hour. An idle connection ends the same way, which does no harm.
 */
function createSocket (silenceMs: number): Socket {
  const socket = new Socket()
  return socket.setTimeout(silenceMs, () => socket.destroy())
}
