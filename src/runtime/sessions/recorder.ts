import { isDatabaseUnavailable } from '../../db/errors.ts'
import type { Database } from '../../db/open.ts'
import { coalesce } from '../../lib/coalesce.ts'
import { nothingRecorded, takeRecord, type Progress, type SessionRecord } from './record.ts'
import { saveSessions, type Host } from './repo.ts'
import type { Session } from './session.ts'

export interface Recorder {
  /** There is something new to record, soon. */
  readonly note: (session: Session) => void
  /** False if the database knows of it already, or is about to: then its end is recorded as any other's. */
  readonly forgetUnrecorded: (session: Session) => boolean
  /** Records at once. Rejects when the database does not take it. */
  readonly flush: () => Promise<void>
  /** Sessions that have not ended in the database. */
  readonly unfinished: () => string[]
  /** Sessions whose end could not be recorded. */
  readonly lost: () => number
  readonly close: () => Promise<void>
}

const BATCH_MS = 250
const BATCH_SESSIONS = 200
const RETRY_MS = 1_000
// What may wait for a database that is away.
const MAX_WAITING = 2_000
const MAX_WAITING_BYTES = 64 * 1024 ** 2

/**
 * Records sessions beside their way: a run never waits for the database nor fails with it. What it cannot take is kept
 * within bounds, then dropped, the oldest first, counted and logged.
 */
export function createRecorder ({ db, host, logBytes, log }: {
  db: Database
  host: Host
  logBytes: number
  log: { warn: (fields: object, message: string) => void }
}): Recorder {
  /** With something to record, in the order in which it was noted. */
  const waiting = new Set<Session>()
  const recorded = new Map<Session, Progress>()
  /** Bytes of those that have ended and are not recorded: nothing else keeps them in memory. */
  const ended = new Map<Session, number>()
  /** Whether what was last sent has arrived is not known. */
  const uncertain = new Set<Session>()
  const refused = new WeakSet<Session>()
  let endedBytes = 0
  let lost = 0
  let timer: NodeJS.Timeout | undefined

  function note (session: Session): void {
    if (refused.has(session)) return
    waiting.add(session)
    if (!recorded.has(session)) recorded.set(session, nothingRecorded)
    if (session.finishedAt() !== undefined && !ended.has(session)) keepEnded(session)
    timer ??= setTimeout(flushLater, BATCH_MS)
  }

  function keepEnded (session: Session): void {
    const bytes = session.outputBytes()
    ended.set(session, bytes)
    endedBytes += bytes
    for (const oldest of ended.keys()) {
      if (ended.size <= MAX_WAITING && endedBytes <= MAX_WAITING_BYTES) return
      drop(oldest)
    }
  }

  function forget (session: Session): void {
    waiting.delete(session)
    recorded.delete(session)
    uncertain.delete(session)
    endedBytes -= ended.get(session) ?? 0
    ended.delete(session)
  }

  function forgetUnrecorded (session: Session): boolean {
    if (!waiting.has(session) || recorded.get(session) !== nothingRecorded || uncertain.has(session)) return false
    forget(session)
    return true
  }

  function drop (session: Session): void {
    forget(session)
    lost++
  }

  function flushLater (): void {
    timer = undefined
    const lostBefore = lost
    flush().catch((err: unknown) => {
      log.warn({ err, waiting: waiting.size, lost }, 'sessions could not be recorded yet')
      timer ??= setTimeout(flushLater, RETRY_MS)
    }).finally(() => {
      if (lost > lostBefore) log.warn({ lost: lost - lostBefore }, 'sessions were not recorded')
    })
  }

  const flush = coalesce(async () => {
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, BATCH_SESSIONS)
      await save(batch)
    }
  })

  async function save (batch: readonly Session[]): Promise<void> {
    for (const session of batch) waiting.delete(session)
    const records = batch.map((session) => takeRecord(session, recorded.get(session) ?? nothingRecorded, logBytes))
    try {
      await write(batch, records)
      batch.forEach((session, i) => settle(session, records[i] as SessionRecord))
    } catch (error) {
      if (isDatabaseUnavailable(error)) {
        for (const session of batch) {
          if (!recorded.has(session)) continue
          waiting.add(session)
          uncertain.add(session)
        }
        throw error
      }
      await saveOneByOne(batch, error)
    }
  }

  /** One that the database refuses, such as that of a user who has been deleted, must not take others with it. */
  async function saveOneByOne (batch: readonly Session[], error: unknown): Promise<void> {
    if (batch.length > 1) {
      for (const session of batch) await save([session])
      return
    }
    for (const session of batch) {
      log.warn({ err: error, sessionId: session.id }, 'the database refused a session')
      refused.add(session)
      drop(session)
    }
  }

  async function write (batch: readonly Session[], records: readonly SessionRecord[]): Promise<void> {
    await saveSessions(db, host, {
      sessions: records.map(({ session }) => session),
      logs: records.flatMap(({ logs }) => logs),
      uncertain: batch.filter((session) => uncertain.has(session))
        .map((session) => ({ sessionId: session.id, seq: recorded.get(session)?.seq ?? 0 }))
    })
  }

  function settle (session: Session, { session: { finishedAt }, progress }: SessionRecord): void {
    uncertain.delete(session)
    if (!recorded.has(session)) return
    if (finishedAt === null) recorded.set(session, progress)
    else forget(session)
  }

  return {
    note,
    forgetUnrecorded,
    flush,
    unfinished: () => [...recorded.keys()].map(({ id }) => id),
    lost: () => lost,
    async close () {
      clearTimeout(timer)
      await flush().catch((err: unknown) => log.warn({ err, lost: waiting.size }, 'the last sessions were not recorded'))
      clearTimeout(timer)
    }
  }
}
