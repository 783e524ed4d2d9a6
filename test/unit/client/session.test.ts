import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openSession, type Attachment } from '../../../src/client/terminal/session.ts'
import type { TerminalState } from '../../../src/client/terminal/state.ts'
import { createScriptedScreen } from './scripted-screen.ts'
import { createScriptedSocket, type ScriptedSocket } from './scripted-socket.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

function open ({ terminal, isVisible = () => true }: { terminal?: string, isVisible?: () => boolean } = {}) {
  const attachments: Attachment[] = []
  const servers: ScriptedSocket[] = []
  const states: TerminalState[] = []
  const sizes: unknown[] = []
  const attached: string[] = []
  const lost: number[] = []
  const screen = createScriptedScreen()
  const session = openSession({
    terminal,
    size: { cols: 80, rows: 24 },
    write: screen.write,
    connect: (attachment) => {
      const server = createScriptedSocket()
      attachments.push(attachment)
      servers.push(server)
      return server.socket
    },
    onState: (state) => states.push(state),
    onSize: ({ cols, rows }) => sizes.push([cols, rows]),
    onAttached: (id) => attached.push(id),
    onLost: (bytes) => lost.push(bytes),
    isVisible,
    random: () => 0
  })
  return {
    session,
    attachments,
    sizes,
    attached,
    lost,
    screen,
    get connections () { return servers.length },
    get server () { return servers.at(-1) as ScriptedSocket },
    get state () { return states.at(-1) },
    get stateNames () { return states.map(({ name }) => name) }
  }
}

describe('a terminal session', () => {
  it('opens a new terminal and learns its name', () => {
    const test = open()
    expect(test.attachments).toEqual([{ terminal: undefined, since: undefined, size: { cols: 80, rows: 24 } }])
    test.server.hello({ terminal: 'abc' })
    expect(test.attached).toEqual(['abc'])
    expect(test.stateNames).toEqual(['connecting', 'connected'])
  })

  it('comes back to the same terminal with its position, and misses or repeats no byte', () => {
    const test = open()
    test.server.hello({ terminal: 'abc' })
    test.server.output('0123')
    test.server.drop()
    expect(test.state).toEqual({ name: 'reconnecting', delayMs: 125 })
    vi.advanceTimersByTime(125)
    expect(test.attachments[1]).toMatchObject({ terminal: 'abc', since: 4 })
    test.server.hello({ terminal: 'abc', seq: 4, replay: 3 })
    test.server.output('456789')
    expect(test.screen.text).toBe('0123456789')
    expect(test.state).toEqual({ name: 'connected' })
  })

  it('keeps its position through attempts that fail before hello', () => {
    const test = open()
    test.server.hello()
    test.server.output('0123')
    for (let attempt = 0; attempt < 3; attempt++) {
      test.server.drop()
      vi.runOnlyPendingTimers()
    }
    expect(test.attachments.at(-1)).toMatchObject({ since: 4 })
  })

  it('says what was lost and counts on behind it', () => {
    const test = open()
    test.server.hello()
    test.server.say({ type: 'lost', bytes: 100 })
    test.server.output('x')
    test.server.drop()
    vi.runOnlyPendingTimers()
    expect(test.lost).toEqual([100])
    expect(test.attachments.at(-1)).toMatchObject({ since: 101 })
  })

  it('waits longer after each failure, without end, and starts over after a success', () => {
    const test = open()
    const delays: number[] = []
    for (let attempt = 0; attempt < 9; attempt++) {
      test.server.drop()
      if (test.state?.name === 'reconnecting') delays.push(test.state.delayMs)
      vi.runOnlyPendingTimers()
    }
    expect(delays).toEqual([125, 250, 500, 1000, 2000, 4000, 7500, 7500, 7500])
    test.server.hello()
    test.server.drop()
    expect(test.state).toEqual({ name: 'reconnecting', delayMs: 125 })
  })

  it('gives a busy server two seconds at least', () => {
    const test = open()
    test.server.drop(1013)
    expect(test.state).toEqual({ name: 'reconnecting', delayMs: 2000 })
  })

  it('says why it has to wait when the server does', () => {
    const test = open()
    test.server.say({ type: 'error', code: 'TERMINAL_QUOTA', message: 'You have too many terminals' })
    test.server.drop(1013)
    expect(test.state).toEqual({ name: 'reconnecting', delayMs: 2000, reason: 'You have too many terminals' })
  })

  it('does not try while nobody looks, and at once when somebody does', () => {
    let visible = false
    const test = open({ isVisible: () => visible })
    test.server.hello()
    test.server.drop()
    vi.advanceTimersByTime(60_000)
    expect(test.connections).toBe(1)
    visible = true
    test.session.wake()
    expect(test.connections).toBe(2)
  })

  it('makes one connection however often it is woken, and its timer is gone then', () => {
    const test = open()
    test.server.hello()
    test.server.drop()
    test.session.wake()
    test.session.wake()
    test.server.hello()
    vi.advanceTimersByTime(10_000)
    expect(test.connections).toBe(2)
  })

  it('probes the connection when it is woken while all seems well', () => {
    const test = open()
    test.server.hello()
    test.session.wake()
    expect(test.server.messages).toEqual([{ type: 'ping' }])
  })

  it('notices that its connection has died, and comes back to where it was', () => {
    const test = open()
    test.server.hello({ terminal: 'abc' })
    test.server.output('0123')
    vi.advanceTimersByTime(20_000)
    expect(test.server.messages).toEqual([{ type: 'ping' }])
    vi.advanceTimersByTime(5_000)
    expect(test.stateNames.at(-1)).toBe('reconnecting')
    expect(test.server.isClosed).toBe(true)
    const dead = test.server
    vi.advanceTimersByTime(125)
    expect(test.attachments[1]).toMatchObject({ terminal: 'abc', since: 4 })
    test.server.hello({ terminal: 'abc', seq: 4 })
    dead.output('4567')
    dead.drop()
    test.server.output('4567')
    expect(test.screen.text).toBe('01234567')
    expect(test.stateNames.at(-1)).toBe('connected')
  })

  it('gives each attempt longer to open, once several have failed', () => {
    const test = open()
    const opening: number[] = []
    for (let attempt = 0; attempt < 7; attempt++) {
      const since = performance.now()
      const before = test.connections
      while (test.connections === before) vi.advanceTimersByTime(125)
      opening.push(Math.round((performance.now() - since) / 1000))
    }
    expect(opening).toEqual([4, 4, 4, 8, 16, 30, 30])
  })

  it('asks whether the connection lives when what is typed has no echo', () => {
    const test = open()
    test.server.hello()
    test.session.sendText('ls')
    vi.advanceTimersByTime(4_999)
    expect(test.server.messages).toEqual([])
    vi.advanceTimersByTime(5_001)
    expect(test.server.messages).toEqual([{ type: 'ping' }])
    expect(test.stateNames.at(-1)).toBe('reconnecting')
  })

  it.each([
    [1008, 'The server ended the connection because of what it was sent.'],
    [4401, 'You are not signed in.'],
    [4404, 'There is no such project, or it is not yours.'],
    [4409, 'The project cannot run at the moment.']
  ])('stays away after close code %i and says why', (closeCode, message) => {
    const test = open()
    test.server.drop(closeCode)
    vi.advanceTimersByTime(60_000)
    expect(test.state).toEqual({ name: 'refused', closeCode, message })
    expect(test.connections).toBe(1)
  })

  it('prefers the server\'s own words to those of the close code', () => {
    const test = open()
    test.server.say({ type: 'error', code: 'PROJECT_FAILED', message: 'The image has no shell' })
    test.server.drop(4409)
    expect(test.state).toEqual({ name: 'refused', closeCode: 4409, message: 'The image has no shell' })
  })

  it('ends with the shell\'s exit code, and starts another shell when asked', () => {
    const test = open({ terminal: 'abc' })
    test.server.hello({ terminal: 'abc' })
    test.server.say({ type: 'exit', code: 3 })
    test.server.drop(1000)
    expect(test.state).toEqual({ name: 'ended', exitCode: 3 })
    test.session.restart()
    expect(test.attachments.at(-1)).toMatchObject({ terminal: undefined, since: undefined })
    test.server.hello({ terminal: 'def' })
    expect(test.attached).toEqual(['abc', 'def'])
  })

  it('asks for the same terminal again when restarted after a refusal', () => {
    const test = open({ terminal: 'abc' })
    test.server.drop(4409)
    test.session.restart()
    expect(test.attachments.at(-1)).toMatchObject({ terminal: 'abc' })
  })

  it('opens another shell when restarted after its project was stopped', () => {
    const test = open()
    test.server.hello()
    test.server.drop(4409)
    test.session.restart()
    expect(test.attachments.at(-1)).toMatchObject({ terminal: undefined, since: undefined })
  })

  it('opens a new shell when its address names one that is gone', () => {
    const test = open({ terminal: 'old' })
    test.server.say({ type: 'error', code: 'TERMINAL_NOT_FOUND', message: 'There is no such terminal' })
    test.server.drop(4404)
    expect(test.attachments.at(-1)).toMatchObject({ terminal: undefined })
    test.server.hello({ terminal: 'new' })
    expect(test.attached).toEqual(['new'])
  })

  it('says so when the shell has ended while the connection was lost', () => {
    const test = open()
    test.server.hello()
    test.server.drop()
    vi.runOnlyPendingTimers()
    test.server.say({ type: 'error', code: 'TERMINAL_NOT_FOUND', message: 'There is no such terminal' })
    test.server.drop(4404)
    expect(test.state).toEqual({ name: 'ended', exitCode: null })
    test.session.restart()
    expect(test.attachments.at(-1)).toMatchObject({ terminal: undefined, since: undefined })
  })

  it('keeps the terminal\'s own replies back while old bytes are parsed, but not what is typed', () => {
    const test = open()
    test.server.hello({ replay: 4 })
    test.server.output('\x1b[6n')
    test.session.sendText('\x1b[1;1R')
    test.session.sendText('ls\r')
    expect(test.server.input).toBe('ls\r')
    test.screen.parseAll()
    test.session.sendText('\x1b[1;1R')
    expect(test.server.input).toBe('ls\r\x1b[1;1R')
  })

  it('sends text as UTF-8 and binary reports byte by byte', () => {
    const test = open()
    test.server.hello()
    test.session.sendText('é')
    test.session.sendBinary('\x1b[M\xff')
    expect(Buffer.concat(test.server.frames)).toEqual(Buffer.from([0xc3, 0xa9, 0x1b, 0x5b, 0x4d, 0xff]))
  })

  it('drops what is typed while there is no connection', () => {
    const test = open()
    test.server.hello()
    test.server.drop()
    test.session.sendText('rm -r build\r')
    vi.runOnlyPendingTimers()
    test.server.hello()
    expect(test.server.frames).toEqual([])
  })

  it('asks for its size when the terminal has another one, and takes over that of others', () => {
    const test = open()
    test.server.hello({ cols: 120, rows: 40 })
    expect(test.server.messages).toEqual([{ type: 'resize', cols: 80, rows: 24 }])
    test.server.say({ type: 'size', cols: 100, rows: 30 })
    expect(test.sizes).toEqual([[100, 30]])
  })

  it('comes back with the size that the window has by then', () => {
    const test = open()
    test.server.hello()
    test.server.drop()
    test.session.resize({ cols: 132, rows: 43 })
    vi.runOnlyPendingTimers()
    expect(test.attachments.at(-1)?.size).toEqual({ cols: 132, rows: 43 })
  })

  it('leaves no timer and no socket behind when it is closed', () => {
    const test = open()
    test.server.hello()
    test.server.drop()
    test.session.close()
    expect(vi.getTimerCount()).toBe(0)
    const other = open()
    other.session.close()
    expect(other.server.isClosed).toBe(true)
  })
})
