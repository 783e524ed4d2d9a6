import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Connection, ServerChannel } from 'ssh2'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLine, type Line } from '../../../src/projects/ssh/line.ts'

const MIB = 1024 ** 2

let socket: EventEmitter & { writableLength: number, destroyed: boolean, isPaused: boolean }
let client: EventEmitter & { _protocol: { _kexinit?: object } }
let channel: EventEmitter & { outgoing: { window: number, state: string }, incoming: { state: string }, readableLength: number, written: number, write: (bytes: Buffer) => void, stderr: { write: (bytes: Buffer) => void } }
let line: Line

beforeEach(() => {
  socket = Object.assign(new EventEmitter(), {
    writableLength: 0, destroyed: false, isPaused: false,
    pause () { socket.isPaused = true },
    resume () { socket.isPaused = false },
    destroy () {
      socket.destroyed = true
      socket.emit('close')
    }
  })
  client = Object.assign(new EventEmitter(), { _protocol: {} })
  const write = (bytes: Buffer): void => {
    channel.written += bytes.length
    channel.outgoing.window -= bytes.length
  }
  channel = Object.assign(new EventEmitter(), { outgoing: { window: MIB, state: 'open' }, incoming: { state: 'open' }, readableLength: 0, written: 0, write, stderr: { write } })
  line = createLine(client as unknown as Connection, socket as unknown as Socket)
})

const openLane = () => line.open(channel as unknown as ServerChannel)
/** The client has sent something. */
const receive = (): void => void socket.emit('data')

describe('a connection', () => {
  it('is not listened to while its answers are not taken', () => {
    socket.writableLength = 2 * MIB
    receive()
    expect(socket.isPaused).toBe(true)
    socket.emit('drain')
    expect(socket.isPaused).toBe(false)
  })

  it('is sent as much as its window takes, on both streams together, and the rest when there is more', async () => {
    const { send } = openLane()
    channel.outgoing.window = 100_000
    const sent = Promise.all([send(Buffer.alloc(80_000)), send(Buffer.alloc(80_000), 'stderr')])
    await new Promise(setImmediate)
    expect([channel.written, channel.outgoing.window]).toEqual([100_000, 0])
    channel.outgoing.window = MIB
    receive()
    expect(await sent).toEqual([true, true])
    expect(channel.written).toBe(160_000)
  })

  it('is sent nothing while its socket is full, or keys are exchanged', async () => {
    const { send } = openLane()
    socket.writableLength = 2 * MIB
    client._protocol._kexinit = {}
    const sent = send(Buffer.alloc(1))
    socket.writableLength = 0
    socket.emit('drain')
    await new Promise(setImmediate)
    expect(channel.written).toBe(0)
    delete client._protocol._kexinit
    client.emit('rekey')
    expect(await sent).toBe(true)
  })

  it('that has sent too much, and nobody has read it, is cut off', () => {
    const { closed } = openLane()
    channel.readableLength = 9 * MIB
    receive()
    expect([socket.destroyed, closed.aborted]).toEqual([true, true])
  })

  it.each([
    ['the connection', () => socket.emit('close')],
    ['the channel', () => channel.emit('close')],
    ['the client, of a channel that nobody reads', () => {
      channel.incoming.state = 'closed'
      receive()
    }]
  ])('lets go of who waits when it is ended by %s', async (_who, end) => {
    const { send, closed } = openLane()
    channel.outgoing.window = 0
    const sent = send(Buffer.alloc(1))
    end()
    expect([await sent, closed.aborted]).toEqual([false, true])
    expect(await send(Buffer.alloc(1))).toBe(false)
  })

  it('takes nothing more when its channel has said its end, or the library throws', async () => {
    const { send } = openLane()
    channel.write = () => { throw new Error('Instance unusable') }
    expect(await send(Buffer.alloc(1))).toBe(false)
    channel.outgoing.state = 'eof'
    expect(await send(Buffer.alloc(1), 'stderr')).toBe(false)
  })
})
