import { errors } from '../../errors.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import type { FileUsage } from '../../sandbox/agent-protocol.ts'

/** Space that a write has taken in its project, before it has written. */
export interface Reservation {
  /** What may be taken beyond what is taken already. */
  readonly room: () => number
  /** Throws PROJECT_FULL. */
  readonly take: (bytes: number) => void
  /** With what is in the project now for it, and the size of what that replaced: what was taken beyond is given back. */
  readonly end: (keptBytes: number, replacedBytes?: number) => void
}

export interface Quota {
  readonly limitBytes: number
  /** Files, directories and links. */
  readonly limitEntries: number
  /** Throws PROJECT_FULL where there is no room for so many bytes or for one more file, and DISK_FULL where the server has none. */
  readonly reserve: (projectId: string, agent: AgentConnection, bytes: number) => Promise<Reservation>
  /** As last measured, with what was written through us since; undefined when this server has not looked yet. */
  readonly sizeOf: (projectId: string) => number | undefined
  readonly usageOf: (projectId: string) => FileUsage | undefined
  /** Takes over what somebody else measures. */
  readonly follow: (projectId: string, measuring: Promise<FileUsage>) => Promise<FileUsage>
  /** Looks, unless somebody has just looked. */
  readonly measure: (projectId: string, agent: AgentConnection) => Promise<number>
  /** Looks in any case. */
  readonly remeasure: (projectId: string, agent: AgentConnection) => Promise<number>
  /** Something has gone: the next who needs room looks. */
  readonly outdate: (projectId: string) => void
  /** Something may have gone: whoever is about to be refused looks. */
  readonly doubt: (projectId: string) => void
}

interface Account {
  size: number
  entries: number
  pending: number
  measuredAt: number
  /** When something went, or may have gone, last: a measurement that began before may still have counted it. */
  doubtedAt: number
  measuring: { readonly beganAt: number, readonly done: Promise<FileUsage> } | undefined
}

// Programs in the project write without asking us.
const FRESH_MS = 60_000
// However often somebody asks, a large project is not walked all the time.
const RECENT_MS = 10_000
// Before anybody is told that there is no room.
const EXACT_MS = 1_000
const ACCOUNTS = 10_000

/** How large projects may become, and are. What programs write is seen when it is measured; the guard stops it. */
export function createQuota ({ limitBytes, limitEntries, measure, checkDisk, now = () => performance.now() }: {
  limitBytes: number
  limitEntries: number
  measure: (agent: AgentConnection) => Promise<FileUsage>
  /** Throws DISK_FULL. */
  checkDisk: (moreBytes: number) => Promise<void>
  now?: () => number
}): Quota {
  const accounts = new Map<string, Account>()

  function accountOf (projectId: string): Account {
    const known = accounts.get(projectId)
    if (known !== undefined) return known
    const [oldest] = accounts.keys()
    if (accounts.size >= ACCOUNTS && oldest !== undefined) accounts.delete(oldest)
    const account = { size: 0, entries: 0, pending: 0, measuredAt: -Infinity, doubtedAt: -Infinity, measuring: undefined }
    accounts.set(projectId, account)
    return account
  }

  async function measureInto (account: Account, agent: AgentConnection): Promise<number> {
    const since = account.doubtedAt
    while (account.measuring !== undefined && account.measuring.beganAt < since) await account.measuring.done.catch(() => undefined)
    account.measuring ??= { beganAt: now(), done: record(account, measure(agent)).finally(() => { account.measuring = undefined }) }
    return (await account.measuring.done).bytes
  }

  async function record (account: Account, measuring: Promise<FileUsage>): Promise<FileUsage> {
    const beganAt = now()
    const usage = await measuring
    account.size = usage.bytes
    account.entries = usage.entries
    account.measuredAt = beganAt < account.doubtedAt ? now() - EXACT_MS - 1 : now()
    return usage
  }

  function isKnown (account: Account | undefined): account is Account {
    return account !== undefined && account.measuredAt !== -Infinity
  }

  function doubtSizeOf (account: Account): void {
    account.doubtedAt = now()
    account.measuredAt = Math.min(account.measuredAt, now() - EXACT_MS - 1)
  }

  const roomOf = ({ size, pending }: Account): number => limitBytes - size - pending

  function reservationOf (account: Account): Reservation {
    let taken = 0
    return {
      room: () => Math.max(roomOf(account), 0),
      take (bytes) {
        if (bytes > Math.max(roomOf(account), 0)) throw new errors.PROJECT_FULL()
        taken += bytes
        account.pending += bytes
      },
      end (keptBytes, replacedBytes = 0) {
        account.pending -= taken
        // Never less than before: what was replaced may have had holes, or another name under which it is still there.
        account.size += Math.max(keptBytes - replacedBytes, 0)
        if (keptBytes > 0 && replacedBytes === 0) account.entries++
        // Whoever measured meanwhile has counted what was being written, and counted what is replaced as well.
        if (taken > 0 || replacedBytes > 0) doubtSizeOf(account)
        taken = 0
      }
    }
  }

  return {
    limitBytes,
    limitEntries,
    async reserve (projectId, agent, bytes) {
      await checkDisk(bytes)
      const account = accountOf(projectId)
      const ageMs = now() - account.measuredAt
      if (ageMs > FRESH_MS || (ageMs > EXACT_MS && (bytes > roomOf(account) || account.entries >= limitEntries))) await measureInto(account, agent)
      if (account.entries >= limitEntries) throw new errors.PROJECT_FULL()
      const reservation = reservationOf(account)
      reservation.take(bytes)
      return reservation
    },
    sizeOf (projectId) {
      const account = accounts.get(projectId)
      return isKnown(account) ? account.size : undefined
    },
    usageOf (projectId) {
      const account = accounts.get(projectId)
      return isKnown(account) ? { bytes: account.size, entries: account.entries } : undefined
    },
    async follow (projectId, measuring) {
      return await record(accountOf(projectId), measuring)
    },
    async measure (projectId, agent) {
      const account = accountOf(projectId)
      return now() - account.measuredAt < RECENT_MS ? account.size : await measureInto(account, agent)
    },
    async remeasure (projectId, agent) {
      return await measureInto(accountOf(projectId), agent)
    },
    outdate (projectId) {
      const account = accounts.get(projectId)
      if (account === undefined) return
      account.doubtedAt = now()
      if (isKnown(account)) account.measuredAt = now() - FRESH_MS - 1
    },
    doubt (projectId) {
      const account = accounts.get(projectId)
      if (account !== undefined) doubtSizeOf(account)
    }
  }
}
