import { describe, expect, it } from 'vitest'
import { openChannel } from '../../../src/client/terminal/channel.ts'
import type { Hello } from '../../../src/protocols/terminal.ts'
import { createScriptedScreen } from './scripted-screen.ts'
import { createScriptedSocket } from './scripted-socket.ts'

const KIB = 1024

function open () {
  const server = createScriptedSocket()
  const screen = createScriptedScreen()
  const hellos: Hello[] = []
  const messages: unknown[] = []
  const closes: number[] = []
  const channel = openChannel({
    socket: server.socket,
    openMs: 4_000,
    write: screen.write,
    onHello: (hello) => hellos.push(hello),
    onMessage: (message) => messages.push(message),
    onClose: (code) => closes.push(code)
  })
  return { server, screen, hellos, messages, closes, channel }
}

describe('the client of term.v1', () => {
  it('hands terminal bytes on as they are, whatever they are cut into', () => {
    const { server, screen } = open()
    server.hello()
    const bytes = new TextEncoder().encode('grüße 🚢')
    for (const byte of bytes) server.output(Uint8Array.of(byte))
    expect(screen.text).toBe('grüße 🚢')
    expect(server.socket.binaryType).toBe('arraybuffer')
  })

  it('counts its position from the number in hello, over bytes and what was lost', () => {
    const { server, channel, messages } = open()
    expect(channel.position).toBeUndefined()
    server.hello({ seq: 1000 })
    server.output(24)
    server.say({ type: 'lost', bytes: 500 })
    server.output(1)
    expect(channel.position).toBe(1525)
    expect(messages).toEqual([{ type: 'lost', bytes: 500 }])
  })

  it('acknowledges every 32 KiB, once they are parsed', () => {
    const { server, screen } = open()
    server.hello()
    for (let frame = 0; frame < 5; frame++) server.output(16 * KIB)
    expect(server.messages).toEqual([])
    screen.parseNext()
    expect(server.messages).toEqual([])
    screen.parseNext()
    expect(server.messages).toEqual([{ type: 'ack', bytes: 32 * KIB }])
    screen.parseAll()
    expect(server.messages).toEqual([{ type: 'ack', bytes: 32 * KIB }, { type: 'ack', bytes: 32 * KIB }])
  })

  it('is replaying until the last old byte is parsed, also when a frame carries old and new ones', () => {
    const { server, screen, channel } = open()
    server.hello({ replay: 6 })
    server.output('old ')
    server.output('oldnew')
    expect(screen.text).toBe('old oldnew')
    expect(channel.isReplaying).toBe(true)
    screen.parseNext()
    expect(channel.isReplaying).toBe(true)
    screen.parseNext()
    expect(channel.isReplaying).toBe(false)
  })

  it('acknowledges old bytes as well', () => {
    const { server, screen } = open()
    server.hello({ replay: 40 * KIB })
    server.output(40 * KIB)
    screen.parseAll()
    expect(server.messages).toEqual([{ type: 'ack', bytes: 40 * KIB }])
  })

  it('sends input in frames that the server takes, in order', () => {
    const { server, channel } = open()
    server.hello()
    const input = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251)
    channel.sendInput(input)
    expect(server.frames.every(({ length }) => length <= 32 * KIB)).toBe(true)
    expect(Buffer.concat(server.frames)).toEqual(Buffer.from(input))
  })

  it('sends nothing before hello and after the close', () => {
    const { server, channel, closes } = open()
    channel.sendInput(Uint8Array.of(1))
    channel.resize({ cols: 1, rows: 1 })
    server.hello()
    server.drop(1006)
    channel.sendInput(Uint8Array.of(1))
    channel.probe()
    expect([server.frames, server.messages]).toEqual([[], []])
    expect(closes).toEqual([1006])
  })

  it('hears nothing more once it has closed the socket itself', () => {
    const { server, screen, channel, closes } = open()
    server.hello()
    channel.close()
    server.output('late')
    server.drop(1000)
    expect(server.isClosed).toBe(true)
    expect(screen.text).toBe('')
    expect(closes).toEqual([])
  })

  it.each([
    ['text that is not JSON', '{'],
    ['a message of another kind', { type: 'news' }],
    ['no object', 'null'],
    ['a field of another type', { type: 'lost', bytes: '5' }],
    ['a missing field', { type: 'size', cols: 80 }],
    ['a number that is not whole', { type: 'size', cols: 80.5, rows: 24 }]
  ])('passes over %s', (_, message) => {
    const { server, channel, messages } = open()
    server.hello({ seq: 7 })
    server.say(message)
    expect(messages).toEqual([])
    expect(channel.position).toBe(7)
  })
})
