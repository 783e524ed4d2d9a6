import { createLoop } from '../lib/loop.ts'
import { openClient } from './client.ts'
import type { DatabaseAddress } from './open.ts'
import { limitSession } from './session-limits.ts'

export interface LivingServers {
  readonly has: (serverId: string) => boolean
  /** Another one whenever a server has come or gone. */
  readonly fingerprint: string
}

/** Which of the servers on one database are alive. */
export interface Liveness {
  /** Of this server process; never used again after it. */
  readonly serverId: string
  /** Those that are connected to the database now. */
  readonly look: () => Promise<LivingServers>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

// Also how soon the lock is there again after the database was away.
const HEARTBEAT_MS = 1_000
const SILENCE_MS = 10_000
const COUNTER = 'servers_started'

/**
 * A server holds a lock in a session of its own for as long as it lives. When its process dies the database lets go of it
 * at once, when its machine does or its network, after IDLE_SESSION_MS.
 */
export function createLiveness (address: DatabaseAddress, { serverId, onError }: { serverId: string, onError: (error: unknown) => void }): Liveness {
  const [high, low] = lockOf(serverId)
  let isHeld = false
  const client = openClient(address, { silenceMs: SILENCE_MS, onclose: () => { isHeld = false } })

  async function beat (): Promise<void> {
    if (isHeld) {
      await client.query('select 1')
      return
    }
    await limitSession(client)
    await client.query('select pg_try_advisory_lock_shared($1::int, $2::int)', [high, low])
    // Counted too: whoever lives for less than a look takes would go unnoticed.
    await client.query(`
      insert into settings (name, value) values ($1, 1)
      on conflict (name) do update set value = settings.value::bigint + 1`, [COUNTER])
    isHeld = true
  }

  const loop = createLoop({ intervalMs: HEARTBEAT_MS, onError, work: beat })

  return {
    serverId,
    async look () {
      const locks = await client.query<{ name: string }>(`
        select concat(classid, ':', objid) as name from pg_locks
        where locktype = 'advisory' and objsubid = 2 and granted
          and database = (select oid from pg_database where datname = current_database())`)
      const [counter] = await client.query<{ value: string }>('select value from settings where name = $1', [COUNTER])
      const names = new Set(locks.map(({ name }) => name))
      return {
        has: (id) => names.has(lockOf(id).map((half) => half >>> 0).join(':')),
        fingerprint: [counter?.value, ...[...names].sort()].join()
      }
    },
    start: loop.start,
    async stop () {
      await loop.stop()
      await client.end()
    }
  }
}

/** The first 64 bits of a UUID, as the two signed numbers that name a lock. */
function lockOf (serverId: string): [number, number] {
  const digits = serverId.replaceAll('-', '').slice(0, 16).padStart(16, '0')
  return [Number.parseInt(digits.slice(0, 8), 16) | 0, Number.parseInt(digits.slice(8), 16) | 0]
}
