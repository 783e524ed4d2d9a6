import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ExecuteBody } from '../../../src/runtime/runs/execute-schemas.ts'
import { presentUnfinished } from '../../../src/runtime/runs/result.ts'
import type { SessionMessage } from '../../../src/runtime/runs/messages.ts'
import { createSession, type FollowOptions, type Session } from '../../../src/runtime/runs/session.ts'
import { createProgram, ended, planOf } from '../../support/session-fixture.ts'

const id = '00000000-0000-4000-8000-000000000000'

function begin (body: Partial<ExecuteBody> = { interactive: true }) {
  const plan = planOf(body)
  let changes = 0
  const session = createSession({ id, owner: 'me', plan, graceMs: 1_000, onChange: () => { changes++ } })
  const program = createProgram()
  return {
    session,
    program,
    changes: () => changes,
    start: () => session.startStage('run', program.program),
    print: (text: string) => {
      session.addOutput('run', 'stdout', Buffer.from(text))
      vi.advanceTimersByTime(50)
    },
    finish: () => {
      session.endStage('run', ended)
      session.complete({ ...presentUnfinished(id, plan, 'killed'), status: 'completed', exitCode: 0 })
    }
  }
}

/** Follows in the background; says what has been told so far. */
function follow (session: Session, options?: FollowOptions) {
  const told: string[] = []
  const done = (async () => {
    for await (const message of session.follow(options)) told.push(nameOf(message))
  })()
  return { told, done }
}

function nameOf (message: SessionMessage): string {
  return message.type === 'output' ? `${message.seq}:${message.bytes.toString()}` : message.type
}

const settle = async (): Promise<void> => { await vi.advanceTimersByTimeAsync(0) }

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('following a session', () => {
  it('tells everything from the beginning to the end', async () => {
    const { session, start, print, finish } = begin()
    const { told, done } = follow(session)
    expect(session.status()).toBe('queued')
    start()
    print('a')
    await settle()
    expect(told).toEqual(['stage', '1:a'])
    expect(session.status()).toBe('running')
    print('b')
    finish()
    await done
    expect(told).toEqual(['stage', '1:a', '2:b', 'stage_complete', 'execution_complete'])
    expect(session.status()).toBe('completed')
    await expect(session.finished).resolves.toMatchObject({ exitCode: 0 })
  })

  it('replays to who comes late, and skips what a returning one has', async () => {
    const { session, start, print, finish } = begin()
    start()
    print('a')
    print('b')
    const all = follow(session)
    const rest = follow(session, { since: 1 })
    const none = follow(session, { since: 99 })
    finish()
    await Promise.all([all.done, rest.done, none.done])
    expect(all.told).toEqual(['stage', '1:a', '2:b', 'stage_complete', 'execution_complete'])
    expect(rest.told).toEqual(['2:b', 'stage_complete', 'execution_complete'])
    expect(none.told).toEqual(['stage_complete', 'execution_complete'])
  })

  it('lets one that stops reading hold up nobody', async () => {
    const { session, start, print, finish } = begin()
    start()
    const slow = session.follow()
    await slow.next()
    const quick = follow(session)
    for (let i = 0; i < 100; i++) print('x')
    finish()
    await quick.done
    expect(quick.told).toHaveLength(103)
    const rest: string[] = []
    for await (const message of slow) rest.push(nameOf(message))
    expect(rest).toEqual(quick.told.slice(1))
  })

  it('tells of a wait once, after what was printed, and never of one that is over', async () => {
    const { session, start, program, finish } = begin()
    const early = follow(session)
    start()
    session.addOutput('run', 'stdout', Buffer.from('? '))
    session.noteInputWait()
    await settle()
    expect(early.told).toEqual(['stage', '1:? ', 'input_required'])
    const late = follow(session)
    await settle()
    expect(late.told).toEqual(early.told)
    session.sendInput('yes\n')
    const later = follow(session)
    await settle()
    expect(later.told).toEqual(['stage', '1:? '])
    session.noteInputWait()
    await settle()
    for (const { told } of [early, late, later]) expect(told.at(-1)).toBe('input_required')
    expect(early.told.filter((name) => name === 'input_required')).toHaveLength(2)
    finish()
    await Promise.all([early.done, late.done, later.done])
    expect(program.calls).toEqual(['input yes\n'])
  })

  it('ends when the follower goes', async () => {
    const { session } = begin()
    const gone = new AbortController()
    const { told, done } = follow(session, { signal: gone.signal })
    await settle()
    gone.abort()
    await done
    expect(told).toEqual([])
  })
})

describe('talking to a session', () => {
  it('keeps what comes before the program, and its end', () => {
    const { session, start, program } = begin()
    session.sendInput('a')
    session.sendInput('b')
    session.endInput()
    expect(program.calls).toEqual([])
    start()
    expect(program.calls).toEqual(['input a', 'input b', 'eof'])
    expect(() => session.sendInput('c')).toThrow(expect.objectContaining({ code: 'INPUT_CLOSED' }))
  })

  it('refuses more than a megabyte that is not read, until it is', () => {
    const { session, start, program } = begin()
    start()
    session.sendInput('x'.repeat(1024 ** 2))
    expect(() => session.sendInput('y')).toThrow(expect.objectContaining({ code: 'INPUT_OVERFLOW' }))
    program.read()
    session.sendInput('y')
    expect(program.calls.at(-1)).toBe('input y')
  })

  it('takes no input where none is asked for, and no signal where nothing runs', () => {
    const { session, start, program, finish } = begin({})
    expect(() => session.sendInput('x')).toThrow(expect.objectContaining({ code: 'INPUT_CLOSED' }))
    expect(() => session.signal('SIGINT')).toThrow(expect.objectContaining({ code: 'NOT_RUNNING' }))
    start()
    session.signal('SIGTERM')
    expect(program.calls).toEqual(['signal 15'])
    finish()
    expect(() => session.signal('SIGINT')).toThrow(expect.objectContaining({ code: 'NOT_RUNNING' }))
    expect(() => session.sendInput('x')).toThrow(expect.objectContaining({ code: 'NOT_RUNNING' }))
  })

  it('is killed once, with the first reason', () => {
    const { session } = begin()
    session.kill('first')
    session.kill('second')
    expect(session.killed.aborted).toBe(true)
    expect(session.message()).toBe('first')
  })

  it('tells of a failure on our side and ends', async () => {
    const { session } = begin()
    const { told, done } = follow(session)
    const error = new Error('secret')
    session.fail(error, { code: 'RUN_FAILED', message: 'The sandbox failed', result: presentUnfinished(id, planOf(), 'internal_error') })
    await done
    expect(told).toEqual(['error', 'execution_complete'])
    expect([session.status(), session.message()]).toEqual(['internal_error', 'The sandbox failed'])
    await expect(session.finished).rejects.toBe(error)
    await expect(session.sandboxId).rejects.toMatchObject({ code: 'NOT_RUNNING' })
  })
})

describe('the grace period', () => {
  it('begins with the session, stops while somebody follows, and begins again', async () => {
    const { session } = begin()
    await vi.advanceTimersByTimeAsync(900)
    const gone = new AbortController()
    const { done } = follow(session, { signal: gone.signal })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(session.killed.aborted).toBe(false)
    gone.abort()
    await done
    await vi.advanceTimersByTimeAsync(900)
    session.touch()
    await vi.advanceTimersByTimeAsync(900)
    expect(session.killed.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(100)
    expect(session.message()).toBe('Nobody was connected for 1000 ms')
    expect(session.killed.aborted).toBe(true)
  })

  it('is none for a session that nobody talks to', async () => {
    const { session } = begin({})
    await vi.advanceTimersByTimeAsync(60_000)
    expect(session.killed.aborted).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })
})
