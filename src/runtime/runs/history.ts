import type { Database } from '../../db/open.ts'
import { toPage } from '../../db/page.ts'
import { errors } from '../../errors.ts'
import { readCursor } from '../../http/cursor.ts'
import { isUuid } from '../../lib/uuid.ts'
import type { SessionMessage } from './messages.ts'
import { presentResultOf } from './present.ts'
import type { Recorder } from './recorder.ts'
import { findSession, listLogs, listSessions, type StoredLog, type StoredSession } from './repo.ts'
import type { ListSessionsQuery, Log } from './session-schemas.ts'

export interface SessionHistory {
  readonly list: (owner: string, query: ListSessionsQuery) => Promise<{ rows: StoredSession[], nextCursor: string | null }>
  /** Throws SESSION_NOT_FOUND. */
  readonly find: (owner: string, id: string) => Promise<StoredSession>
  /** At most `limit` messages after `since`. */
  readonly logs: (owner: string, id: string, since: number, limit: number) => Promise<{ logs: Log[], nextCursor: string | null }>
  /** What happened in a session that has ended, as far as it was recorded. */
  readonly replay: (session: StoredSession, since: number) => AsyncGenerator<SessionMessage, void>
}

const DEFAULT_LIMIT = 20
const ROWS_PER_READ = 32

/** Recorded sessions. Before an answer, what has happened so far in the sessions that are asked for is recorded, and no others. */
export function createSessionHistory ({ db, recorder }: { db: Database, recorder: Recorder }): SessionHistory {
  async function find (owner: string, id: string): Promise<StoredSession> {
    if (!isUuid(id)) throw new errors.SESSION_NOT_FOUND()
    await recorder.flush((session) => session.id === id)
    const row = await findSession(db, owner, id)
    if (row === undefined) throw new errors.SESSION_NOT_FOUND()
    return row
  }

  return {
    find,
    async list (owner, { limit = DEFAULT_LIMIT, cursor: text, status, language }) {
      const cursor = readCursor(text)
      await recorder.flush((session) => session.owner === owner)
      return toPage(await listSessions(db, owner, { status, language }, cursor, limit), limit)
    },
    async logs (owner, id, since, limit) {
      await find(owner, id)
      const logs: Log[] = []
      for (;;) {
        const rows = await listLogs(db, id, logs.at(-1)?.seq ?? since, ROWS_PER_READ)
        logs.push(...rows.flatMap((row) => splitRow(row, since)))
        if (logs.length > limit) return { logs: logs.slice(0, limit), nextCursor: String(logs[limit - 1]?.seq) }
        if (rows.length < ROWS_PER_READ) return { logs, nextCursor: null }
      }
    },
    async * replay (session, since) {
      let stage: StoredLog['stage'] | undefined
      let seq = since
      for (;;) {
        const rows = await listLogs(db, session.id, seq, ROWS_PER_READ)
        for (const row of rows) {
          if (row.stage !== stage) yield { type: 'stage', stage: row.stage }
          stage = row.stage
          for (const message of messagesOf(row)) if (message.seq > since) yield message
          seq = row.seq
        }
        if (rows.length < ROWS_PER_READ) break
      }
      const result = presentResultOf(session)
      if (result === null) throw new errors.NOT_RUNNING()
      if (result.status === 'internal_error') yield { type: 'error', code: 'RUN_FAILED', message: session.message ?? '' }
      const { compile, ...summary } = result
      const nothing = { output: '', error: '' }
      yield {
        type: 'execution_complete',
        result: { ...summary, ...nothing, ...(compile === undefined ? {} : { compile: { ...compile, ...nothing } }) }
      }
    }
  }
}

function * messagesOf ({ seq: last, stage, stream, data, lengths }: StoredLog): Generator<Extract<SessionMessage, { type: 'output' }>> {
  let seq = last - lengths.length
  let offset = 0
  for (const length of lengths) {
    yield { type: 'output', seq: ++seq, stage, stream, bytes: data.subarray(offset, offset + length) }
    offset += length
  }
}

function splitRow (row: StoredLog, since: number): Log[] {
  return [...messagesOf(row)].filter(({ seq }) => seq > since).map(({ seq, stage, stream, bytes }) => ({
    seq, stage, stream, data: bytes.toString(), timestamp: row.createdAt.toISOString()
  }))
}
