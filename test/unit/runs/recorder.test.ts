import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Database } from '../../../src/db/open.ts'
import { presentUnfinished } from '../../../src/runtime/runs/result.ts'
import { takeRecord, nothingRecorded } from '../../../src/runtime/runs/record.ts'
import { createRecorder } from '../../../src/runtime/runs/recorder.ts'
import { createSession, type RunningSession } from '../../../src/runtime/runs/session.ts'
import { createProgram, ended, planOf } from '../../support/session-fixture.ts'

const host = { instanceId: 'here', bootId: '00000000-0000-4000-8000-00000000000f' }
const unavailable = new Error('Connection terminated unexpectedly')

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

function createRecording (failures: Array<Error | undefined> = [], tookMs = 0) {
  const transactions: number[] = []
  const warnings: string[] = []
  // Only whether a transaction can be had matters here; what is written is tested against a real database.
  const db = {
    transaction: async () => {
      transactions.push(Date.now())
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      if (tookMs > 0) await new Promise((resolve) => setTimeout(resolve, tookMs))
    }
  } as unknown as Database
  const recorder = createRecorder({ db, host, logBytes: 1_000, log: { warn: (_fields, message) => warnings.push(message) } })
  let count = 0
  return {
    recorder,
    transactions,
    warnings,
    begin: (): RunningSession => {
      const id = `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`
      const session: RunningSession = createSession({ id, owner: 'me', plan: planOf(), graceMs: 1, onChange: () => recorder.note(session) })
      session.startStage('run', createProgram().program)
      return session
    },
    finish: (session: RunningSession): void => {
      session.endStage('run', ended)
      session.complete(presentUnfinished(session.id, session.plan, 'killed'))
    }
  }
}

describe('recorder', () => {
  it('writes all that has come within a quarter of a second at once', async () => {
    const { recorder, transactions, begin, finish } = createRecording()
    const sessions = Array.from({ length: 50 }, begin)
    sessions.forEach(finish)
    expect(transactions).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(250)
    expect(transactions).toHaveLength(1)
    expect(recorder.unfinished()).toEqual([])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(transactions).toHaveLength(1)
  })

  it('keeps what the database cannot take now, and writes it later', async () => {
    const { recorder, warnings, begin, finish } = createRecording([unavailable, unavailable])
    finish(begin())
    await vi.advanceTimersByTimeAsync(250)
    expect(warnings).toEqual(['sessions could not be recorded yet'])
    await expect(recorder.flush()).rejects.toBe(unavailable)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(recorder.unfinished()).toEqual([])
    expect(recorder.lost()).toBe(0)
  })

  it.each(['53100', '53200', '53400', '25006', '55P03', '58030', '57P02', '40P01'])('loses nothing to a database that refuses for a moment with %s', async (code) => {
    const refusal = Object.assign(new pg.DatabaseError('not now', 7, 'error'), { code })
    const { recorder, begin, finish, transactions } = createRecording(Array.from({ length: 5 }, () => refusal))
    const running = begin()
    finish(begin())
    await vi.advanceTimersByTimeAsync(4_000)
    expect(transactions).toHaveLength(4)
    // Its lease is renewed meanwhile.
    expect(recorder.unfinished()).toContain(running.id)
    await vi.advanceTimersByTimeAsync(5_000)
    expect([recorder.lost(), recorder.unfinished()]).toEqual([0, [running.id]])
    await recorder.close()
  })

  it('flushes what waited when it was asked, while others go on printing', async () => {
    const { recorder, begin, transactions } = createRecording([], 10)
    const sessions = Array.from({ length: 32 }, begin)
    const printing = setInterval(() => sessions.forEach((session) => session.addOutput('run', 'stdout', Buffer.from('x'))), 5)
    await vi.advanceTimersByTimeAsync(1_000)
    const before = transactions.length
    let isFlushed = false
    void recorder.flush().then(() => { isFlushed = true })
    await vi.advanceTimersByTimeAsync(30)
    expect(isFlushed).toBe(true)
    await vi.advanceTimersByTimeAsync(2_000)
    // Four a second, as ever.
    expect(transactions.length - before).toBeLessThan(12)
    clearInterval(printing)
    await Promise.all([recorder.close(), vi.advanceTimersByTimeAsync(100)])
  })

  it('records the sessions that are asked for before those of strangers', async () => {
    const { recorder, begin, transactions } = createRecording([], 10)
    for (let i = 0; i < 1_000; i++) begin()
    const asked = begin()
    void recorder.flush()
    let isFlushed = false
    void recorder.flush(({ id }) => id === asked.id).then(() => { isFlushed = true })
    await vi.advanceTimersByTimeAsync(25)
    expect(isFlushed).toBe(true)
    expect(transactions.length).toBeLessThan(4)
    await Promise.all([recorder.close(), vi.advanceTimersByTimeAsync(1_000)])
  })

  it('writes nothing more of a session that prints past what is recorded, until it ends', async () => {
    const { recorder, begin, finish, transactions } = createRecording()
    const session = begin()
    session.addOutput('run', 'stdout', Buffer.alloc(2_000))
    await vi.advanceTimersByTimeAsync(1_000)
    const before = transactions.length
    for (let i = 0; i < 50; i++) {
      session.addOutput('run', 'stdout', Buffer.from('more'))
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(transactions.length).toBe(before)
    finish(session)
    await vi.advanceTimersByTimeAsync(1_000)
    expect([transactions.length, recorder.unfinished()]).toEqual([before + 1, []])
  })

  it('weighs what an ended session keeps beside its output', async () => {
    const { recorder, begin } = createRecording(Array.from({ length: 20 }, () => unavailable))
    const end = (): void => {
      const session = begin()
      const content = 'x'.repeat(10 * 1024 ** 2)
      session.complete({ ...presentUnfinished(session.id, session.plan, 'killed'), artifacts: [{ path: 'a', size: 1, mediaType: 'a/b', content }] })
    }
    for (let i = 0; i < 8; i++) end()
    expect(recorder.lost()).toBe(2)
    await recorder.close()
  })

  it('drops the oldest that have ended when too many wait, and counts them', async () => {
    const { recorder, begin, finish } = createRecording(Array.from({ length: 20 }, () => unavailable))
    const running = begin()
    for (let i = 0; i < 2_010; i++) finish(begin())
    expect(recorder.lost()).toBe(10)
    expect(recorder.unfinished()).toHaveLength(2_001)
    expect(recorder.unfinished()[0]).toBe(running.id)
    await recorder.close()
  })

  it('lets one session that is refused harm no other', async () => {
    const refusal = new Error('violates foreign key')
    // All together, then the first, alone.
    const { recorder, warnings, begin, finish } = createRecording([refusal, refusal])
    const refused = begin()
    finish(begin())
    await vi.advanceTimersByTimeAsync(250)
    expect(warnings).toEqual(['the database refused a session', 'sessions were not recorded'])
    expect(recorder.lost()).toBe(1)
    expect(recorder.unfinished()).toEqual([])
    finish(refused)
    await recorder.flush()
    expect(recorder.lost()).toBe(1)
  })

  it('forgets a session that was refused before it began', async () => {
    const { recorder, transactions, begin } = createRecording()
    expect(recorder.forgetUnrecorded(begin())).toBe(true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(transactions).toEqual([])
  })

  it('records the end of a session that was refused when the database knew of it already', async () => {
    const { recorder, transactions, begin, finish } = createRecording()
    const session = begin()
    await vi.advanceTimersByTimeAsync(250)
    expect(transactions.length).toBe(1)
    finish(session)
    expect(recorder.forgetUnrecorded(session)).toBe(false)
    await vi.advanceTimersByTimeAsync(250)
    expect(transactions.length).toBe(2)
    expect(recorder.unfinished()).toEqual([])
  })
})

describe('a session\'s record', () => {
  function printed (...pieces: Array<['stdout' | 'stderr', string]>): RunningSession {
    const session = createSession({ id: 'id', owner: 'me', plan: planOf(), graceMs: 1, onChange: () => undefined })
    session.startStage('run', createProgram().program)
    for (const [stream, text] of pieces) {
      session.addOutput('run', stream, Buffer.from(text))
      vi.advanceTimersByTime(20)
    }
    return session
  }

  it('puts messages of one stream that follow each other into one row, and knows their bounds', () => {
    const session = printed(['stdout', 'ab'], ['stderr', 'x'])
    session.endStage('run', ended)
    const { logs, progress } = takeRecord(session, nothingRecorded, 1_000)
    expect(logs.map(({ seq, stream, data, lengths }) => [seq, stream, data.toString(), lengths])).toEqual([[1, 'stdout', 'ab', [2]], [2, 'stderr', 'x', [1]]])
    expect(progress).toEqual({ seq: 2, bytes: 3, isTruncated: false, status: 'running' })
    expect(takeRecord(session, progress, 1_000).logs).toEqual([])
  })

  it('stops at the limit for good', () => {
    const session = printed(['stdout', '12345'])
    session.endStage('run', ended)
    const { logs, progress, session: row } = takeRecord(session, nothingRecorded, 4)
    expect(logs).toEqual([])
    expect(progress.isTruncated).toBe(true)
    expect(row.isLogTruncated).toBe(true)
    expect(takeRecord(session, progress, 1_000).logs).toEqual([])
  })
})
