import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import type { Greeting, TerminalClient } from '../../../src/projects/terminals/attachment.ts'
import { createTerminal } from '../../../src/projects/terminals/terminal.ts'

/** A shell's end of the Engine's connection, in our hands. */
function createScriptedPty (exitCode: number | undefined) {
  const typed: Buffer[] = []
  const sizes: string[] = []
  let onTyped: (() => void) | undefined
  const socket = new Duplex({
    read: () => undefined,
    write (chunk: Buffer, _encoding, callback) {
      typed.push(chunk)
      onTyped = callback
    },
    writableHighWaterMark: 100
  })
  return {
    socket,
    typed,
    sizes,
    pty: { socket: socket as Socket, exitCode: async () => exitCode, resize: async ({ cols, rows }: { cols: number, rows: number }) => void sizes.push(`${cols}x${rows}`) },
    print: (text: string | Buffer) => void socket.push(Buffer.from(text)),
    takeInput: () => onTyped?.(),
    hangUp: () => void socket.push(null)
  }
}

function createScriptedClient (more: Partial<TerminalClient> = {}) {
  const seen = { greetings: [] as Greeting[], output: '', lost: 0, sizes: [] as string[], exits: [] as Array<number | undefined>, isInputPaused: false }
  const client: TerminalClient = {
    acknowledges: false,
    holds: () => true,
    greet: (greeting) => void seen.greetings.push(greeting),
    send (bytes, onFlushed) {
      seen.output += bytes.toString('latin1')
      setImmediate(onFlushed)
    },
    bufferedBytes: () => 0,
    lost: (bytes) => { seen.lost += bytes },
    resized: ({ cols, rows }) => void seen.sizes.push(`${cols}x${rows}`),
    exited: (code) => void seen.exits.push(code),
    setInputPaused: (isPaused) => { seen.isInputPaused = isPaused },
    ...more
  }
  return { seen, client }
}

function createScriptedTerminal (exitCode?: number) {
  const shell = createScriptedPty(exitCode)
  const counts: number[] = []
  const failures: unknown[] = []
  const terminal = createTerminal({
    id: 't',
    pty: shell.pty,
    size: { cols: 80, rows: 24 },
    ringBytes: 1_000_000,
    onActivity: () => undefined,
    onAttached: (count) => void counts.push(count),
    onResizeFailed: (error) => void failures.push(error),
    backpressureLimits: { stopMs: 50, releaseBytes: 500_000 }
  })
  return { shell, terminal, counts, failures }
}

describe('a terminal', () => {
  it('greets with the position and how much is old, then sends that and what comes', async () => {
    const { shell, terminal } = createScriptedTerminal()
    shell.print('0123456789')
    await vi.waitFor(() => expect(terminal.seq()).toBe(10))
    const { seen, client } = createScriptedClient()
    terminal.attach(client, 4)
    shell.print('ab')
    await vi.waitFor(() => expect(seen.output).toBe('456789ab'))
    expect(seen.greetings).toEqual([{ terminal: 't', seq: 4, replay: 6, size: { cols: 80, rows: 24 } }])
  })

  it('sends nothing beyond the window of a client that does not acknowledge, then lets go of the shell all the same', async () => {
    const { shell, terminal } = createScriptedTerminal()
    const { seen, client } = createScriptedClient({ acknowledges: true })
    const handle = terminal.attach(client)
    handle.acknowledge(0)
    for (let count = 0; count < 20; count++) shell.print('x'.repeat(50_000))
    await vi.waitFor(() => expect(shell.socket.isPaused()).toBe(true))
    expect(seen.output.length).toBe(300_000)
    await vi.waitFor(() => expect(terminal.seq()).toBeGreaterThan(500_000))
    expect(seen.output.length).toBe(300_000)
    handle.acknowledge(300_000)
    await vi.waitFor(() => expect(seen.output.length).toBeGreaterThan(500_000))
  })

  it('waits for nobody when one client of several has room', async () => {
    const { shell, terminal } = createScriptedTerminal()
    const slow = createScriptedClient({ bufferedBytes: () => 1_000_000 })
    const fast = createScriptedClient()
    terminal.attach(slow.client)
    terminal.attach(fast.client)
    for (let count = 0; count < 40; count++) shell.print('x'.repeat(50_000))
    await vi.waitFor(() => expect(fast.seen.output.length).toBe(2_000_000))
    expect(slow.seen.output.length).toBeLessThan(100_000)
  })

  it.each(['alone', 'beside one who may type and reads'])('does not wait for a client that may only look, %s', async (place) => {
    const { shell, terminal } = createScriptedTerminal()
    const viewer = createScriptedClient({ holds: () => false, bufferedBytes: () => 1_000_000 })
    terminal.attach(viewer.client)
    if (place !== 'alone') terminal.attach(createScriptedClient().client)
    const pause = vi.spyOn(shell.socket, 'pause')
    for (let count = 0; count < 40; count++) shell.print('x'.repeat(50_000))
    await vi.waitFor(() => expect(terminal.seq()).toBe(2_000_000))
    expect(pause).not.toHaveBeenCalled()
    expect(viewer.seen.output.length).toBeLessThan(100_000)
  })

  it('waits for who may type and is behind, whoever else looks on', async () => {
    const { shell, terminal } = createScriptedTerminal()
    const pause = vi.spyOn(shell.socket, 'pause')
    terminal.attach(createScriptedClient({ bufferedBytes: () => 1_000_000 }).client)
    terminal.attach(createScriptedClient({ holds: () => false }).client)
    for (let count = 0; count < 10; count++) shell.print('x'.repeat(50_000))
    await vi.waitFor(() => expect(pause).toHaveBeenCalled())
    await vi.waitFor(() => expect(terminal.seq()).toBe(500_000))
  })

  it('tells the last client that reads slowly what it has lost, before the newest part and the exit', async () => {
    const { shell, terminal } = createScriptedTerminal(5)
    const socket = { buffered: 1_000_000 }
    const { seen, client } = createScriptedClient({ bufferedBytes: () => socket.buffered })
    const handle = terminal.attach(client)
    for (let count = 0; count < 40; count++) shell.print('x'.repeat(50_000))
    shell.hangUp()
    await terminal.ended
    expect(seen.exits).toEqual([])
    socket.buffered = 0
    handle.acknowledge(0)
    expect(seen.exits).toEqual([5])
    expect(seen.lost + seen.output.length).toBe(2_000_000)
    expect(seen.lost).toBeGreaterThan(0)
    await terminal.delivered
  })

  it('stops reading its clients while the shell does not read', async () => {
    const { shell, terminal } = createScriptedTerminal()
    const [one, two] = [createScriptedClient(), createScriptedClient()]
    const handle = terminal.attach(one.client)
    terminal.attach(two.client)
    handle.write(Buffer.alloc(200))
    expect([one.seen.isInputPaused, two.seen.isInputPaused]).toEqual([true, true])
    const three = createScriptedClient()
    terminal.attach(three.client)
    expect(three.seen.isInputPaused).toBe(true)
    shell.takeInput()
    await vi.waitFor(() => expect([one.seen.isInputPaused, two.seen.isInputPaused, three.seen.isInputPaused]).toEqual([false, false, false]))
  })

  it('sends to a client that it does not read without waiting for its acknowledgements', async () => {
    const { shell, terminal } = createScriptedTerminal()
    const { seen, client } = createScriptedClient({ acknowledges: true })
    const handle = terminal.attach(client)
    handle.acknowledge(0)
    handle.write(Buffer.alloc(200))
    for (let count = 0; count < 20; count++) shell.print('x'.repeat(50_000))
    await vi.waitFor(() => expect(seen.output.length).toBe(1_000_000))
  })

  it('applies the newest size only, and tells every client', async () => {
    const { shell, terminal } = createScriptedTerminal()
    const { seen, client } = createScriptedClient()
    const handle = terminal.attach(client)
    for (const cols of [90, 91, 92]) handle.resize({ cols, rows: 30 })
    handle.resize({ cols: 92, rows: 30 })
    await vi.waitFor(() => expect(shell.sizes).toEqual(['90x30', '92x30']))
    expect(seen.sizes).toEqual(['90x30', '91x30', '92x30'])
  })

  it('reports a size that could not be applied, and goes on', async () => {
    const { shell, terminal, failures } = createScriptedTerminal()
    const refused = new Error('no such exec')
    shell.pty.resize = async () => { throw refused }
    terminal.resize({ cols: 10, rows: 10 })
    await vi.waitFor(() => expect(failures).toEqual([refused]))
    expect(terminal.size()).toEqual({ cols: 10, rows: 10 })
  })

  it('tells how many are attached, and lets nobody type who has left', async () => {
    const { shell, terminal, counts } = createScriptedTerminal()
    const first = terminal.attach(createScriptedClient().client)
    const second = terminal.attach(createScriptedClient().client)
    first.detach()
    first.detach()
    second.detach()
    expect(counts).toEqual([1, 2, 1, 0])
    shell.print('nobody sees this')
    await vi.waitFor(() => expect(terminal.seq()).toBe(16))
  })

  it('shows its end to whoever comes later', async () => {
    const { shell, terminal } = createScriptedTerminal(3)
    shell.print('last words')
    shell.hangUp()
    expect(await terminal.ended).toBe(3)
    expect(terminal.hasEnded()).toBe(true)
    const { seen, client } = createScriptedClient()
    const handle = terminal.attach(client)
    expect([seen.output, seen.exits]).toEqual(['last words', [3]])
    handle.write(Buffer.from('too late'))
    expect(shell.typed).toEqual([])
  })

  it('ends without a code when its connection is given up', async () => {
    const { terminal } = createScriptedTerminal(undefined)
    const { seen, client } = createScriptedClient()
    terminal.attach(client)
    terminal.abandon()
    expect(await terminal.ended).toBeUndefined()
    expect(seen.exits).toEqual([undefined])
  })
})
