import { isDatabaseUnavailable } from '../../db/errors.ts'
import type { Database } from '../../db/open.ts'
import { nothingRecorded, takeRecord, type Progress, type SessionRecord } from './record.ts'
import { saveSessions, type Host } from './repo.ts'
import type { Session } from './session.ts'

export interface Recorder {
  /** There is something new to record, soon. */
  readonly note: (session: Session) => void
  /** False if the database knows of it already, or is about to: then its end is recorded as any other's. */
  readonly forgetUnrecorded: (session: Session) => boolean
  /** Records at once what has happened so far in these sessions, or in all. Rejects when the database does not take it. */
  readonly flush: (concerns?: (session: Session) => boolean) => Promise<void>
  /** Sessions that have not ended in the database. */
  readonly unfinished: () => string[]
  /** Sessions whose end could not be recorded. */
  readonly lost: () => number
  /** About how many bytes were written altogether. */
  readonly writtenBytes: () => number
  readonly close: () => Promise<void>
}

const BATCH_MS = 250
const BATCH_SESSIONS = 200
const BATCH_BYTES = 8 * 1024 ** 2
const RETRY_MS = 1_000
// What may wait for a database that is away.
const MAX_WAITING = 2_000
const MAX_WAITING_BYTES = 64 * 1024 ** 2

/**
 * Records sessions off the path of their runs, which neither wait for the database nor fail with it. What it cannot take now
 * is kept within bounds; beyond them the oldest that have ended are dropped, counted and logged.
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
  let writtenBytes = 0
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  /** The transaction under way: two at once could write the same output twice. */
  let writing: Promise<void> = Promise.resolve()

  function note (session: Session): void {
    if (refused.has(session) || hasNothingNew(session)) return
    waiting.add(session)
    if (!recorded.has(session)) recorded.set(session, nothingRecorded)
    if (session.finishedAt() !== undefined && !ended.has(session)) keepEnded(session)
    timer ??= setTimeout(flushLater, BATCH_MS)
  }

  /** It goes on printing, past what is recorded of it. */
  function hasNothingNew (session: Session): boolean {
    const progress = recorded.get(session)
    return progress?.isTruncated === true && progress.status === session.status()
  }

  function keepEnded (session: Session): void {
    const bytes = session.heldBytes()
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

  /** The timer stays set until the round is over: the next one begins after it. */
  function flushLater (): void {
    const lostBefore = lost
    let pauseMs = BATCH_MS
    flush().catch((err: unknown) => {
      log.warn({ err, waiting: waiting.size, lost }, 'sessions could not be recorded yet')
      pauseMs = RETRY_MS
    }).finally(() => {
      timer = waiting.size === 0 || isClosed ? undefined : setTimeout(flushLater, pauseMs)
      if (lost > lostBefore) log.warn({ lost: lost - lostBefore }, 'sessions were not recorded')
    })
  }

  /** Only what waits when it is asked: those that go on printing would make it last as long as they do. */
  async function flush (concerns: (session: Session) => boolean = () => true): Promise<void> {
    const asked = [...waiting].filter(concerns)
    do {
      // In turns of one transaction, so that nobody waits for all that others have asked for.
      const turn = writing.then(async () => await saveSome(asked))
      writing = turn.catch(() => undefined)
      await turn
    } while (asked.length > 0)
  }

  /** Takes as many from the front as make a batch, and records them. */
  async function saveSome (asked: Session[]): Promise<void> {
    const batch: Session[] = []
    const records: SessionRecord[] = []
    let bytes = 0
    while (asked.length > 0 && batch.length < BATCH_SESSIONS && bytes < BATCH_BYTES) {
      const session = asked.shift() as Session
      // Somebody else's flush was there first.
      if (!waiting.delete(session)) continue
      const record = takeRecord(session, recorded.get(session) ?? nothingRecorded, logBytes)
      bytes += record.logs.reduce((sum, { data }) => sum + data.length, 0)
      batch.push(session)
      records.push(record)
    }
    if (batch.length > 0) await save(batch, records)
  }

  async function save (batch: readonly Session[], records: readonly SessionRecord[]): Promise<void> {
    try {
      await write(batch, records)
      batch.forEach((session, i) => settle(session, records[i] as SessionRecord))
    } catch (error) {
      if (isDatabaseUnavailable(error)) {
        keepWaiting(batch)
        throw error
      }
      await saveOneByOne(batch, records, error)
    }
  }

  function keepWaiting (batch: readonly Session[]): void {
    for (const session of batch) {
      if (!recorded.has(session)) continue
      waiting.add(session)
      uncertain.add(session)
    }
  }

  /** One that the database refuses, such as that of a user who has been deleted, must not take others with it. */
  async function saveOneByOne (batch: readonly Session[], records: readonly SessionRecord[], error: unknown): Promise<void> {
    if (batch.length > 1) {
      for (const [i, session] of batch.entries()) {
        try {
          await save([session], [records[i] as SessionRecord])
        } catch (unavailable) {
          keepWaiting(batch.slice(i + 1))
          throw unavailable
        }
      }
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
    batch.forEach((session, i) => { writtenBytes += (records[i] as SessionRecord).session.bytes - (recorded.get(session)?.bytes ?? 0) })
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
    writtenBytes: () => writtenBytes,
    async close () {
      isClosed = true
      clearTimeout(timer)
      await flush().catch((err: unknown) => log.warn({ err, lost: waiting.size }, 'the last sessions were not recorded'))
      clearTimeout(timer)
    }
  }
}
