import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { decodeError, encodeCredit, encodeDial, ErrorCode, FrameType, INITIAL_CREDIT, MAX_PAYLOAD } from '../../../src/sandbox/agent-protocol.ts'
import { onChannel, streamBytes, type AgentProcess } from '../../support/agent-process.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { waitFor } from '../../support/wait-for.ts'

const servers: Server[] = []
const sockets: Socket[] = []

/** A program that listens; `onConnection` is what it does. */
async function listen (onConnection: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  }).listen(0, host)
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) {
    server.close()
    await once(server, 'close')
  }
})

async function dial (agent: AgentProcess, channel: number, port: number): Promise<void> {
  agent.send(FrameType.OPEN, channel, encodeDial({ port }))
  const frame = await agent.waitFor(onChannel(channel, FrameType.EVENT), 'CONNECTED')
  expect(frame.payload).toEqual(Buffer.of(3))
}

async function failure (agent: AgentProcess, channel: number) {
  const { payload } = await agent.waitFor(onChannel(channel, FrameType.ERROR), 'ERROR')
  return decodeError(payload)
}

const received = (agent: AgentProcess, channel: number) => streamBytes(agent, channel, 0)

describeAgent('dial', ({ start }) => {
  test.each(['127.0.0.1', '::1'])('reaches what listens on %s and closes each direction by itself', async (host) => {
    const port = await listen((socket) => socket.pipe(socket), host)
    const agent = await start()
    await dial(agent, 1, port)
    agent.send(FrameType.DATA, 1, Buffer.from('ping'))
    await waitFor('the echo', () => received(agent, 1).equals(Buffer.from('ping')))
    agent.send(FrameType.END, 1)
    await agent.waitFor(onChannel(1, FrameType.END), 'END')
    expect((await agent.waitFor(onChannel(1, FrameType.RESULT), 'RESULT')).payload).toHaveLength(0)
  })

  test('delivers what was sent before the connection stood, and its end', async () => {
    const port = await listen((socket) => socket.pipe(socket))
    const agent = await start()
    agent.send(FrameType.OPEN, 1, encodeDial({ port }))
    agent.send(FrameType.DATA, 1, Buffer.from('early'))
    agent.send(FrameType.END, 1)
    await agent.waitFor(onChannel(1, FrameType.RESULT), 'RESULT')
    expect(received(agent, 1).toString()).toBe('early')
  })

  test('is refused where nobody listens', async () => {
    const port = await listen(() => undefined)
    const [server] = servers.splice(0)
    server?.close()
    const agent = await start()
    agent.send(FrameType.OPEN, 1, encodeDial({ port }))
    expect(await failure(agent, 1)).toEqual({ code: ErrorCode.REFUSED, message: 'Connection refused' })
  })

  test('sends no more than the credit, and goes on when there is more', async () => {
    const content = Buffer.alloc(INITIAL_CREDIT + 100_000, 'x')
    const port = await listen((socket) => socket.end(content))
    const agent = await start()
    await dial(agent, 1, port)
    await waitFor('the whole credit', () => received(agent, 1).length >= INITIAL_CREDIT)
    agent.send(FrameType.PING, 0)
    await agent.waitFor(({ type }) => type === FrameType.PONG, 'PONG')
    expect(received(agent, 1)).toHaveLength(INITIAL_CREDIT)
    agent.send(FrameType.CREDIT, 1, encodeCredit(content.length))
    await agent.waitFor(onChannel(1, FrameType.END), 'END')
    expect(received(agent, 1).equals(content)).toBe(true)
  })

  test('gives credit only for what the program has taken', async () => {
    const accepted: Socket[] = []
    const port = await listen((socket) => accepted.push(socket.pause()))
    const agent = await start()
    await dial(agent, 1, port)
    let credit = INITIAL_CREDIT
    let sent = 0
    const seen = new Set<unknown>()
    const chunk = Buffer.alloc(MAX_PAYLOAD)
    // The kernel's buffers take some megabytes before the program's refusal to read is felt.
    while (credit > 0) {
      agent.send(FrameType.DATA, 1, chunk)
      sent += chunk.length
      credit -= chunk.length
      agent.send(FrameType.PING, 0, Buffer.from(String(sent)))
      await agent.waitFor(({ type, payload }) => type === FrameType.PONG && payload.toString() === String(sent), 'PONG')
      for (const frame of agent.frames.filter(onChannel(1, FrameType.CREDIT))) {
        if (!seen.has(frame)) credit += frame.payload.readUInt32BE()
        seen.add(frame)
      }
    }
    let taken = 0
    accepted[0]?.on('data', (bytes: Buffer) => { taken += bytes.length }).resume()
    await waitFor('everything to be taken', () => taken === sent)
    await waitFor('more credit', () => agent.frames.filter(onChannel(1, FrameType.CREDIT)).length > seen.size)
  })

  test('passes on what a program said before it stopped reading, and swallows the rest', async () => {
    const port = await listen((socket) => {
      socket.write('too much')
      socket.once('data', () => socket.resetAndDestroy())
    })
    const agent = await start()
    await dial(agent, 1, port)
    await waitFor('the answer', () => received(agent, 1).toString() === 'too much')
    agent.send(FrameType.DATA, 1, Buffer.from('hang up'))
    expect(await failure(agent, 1)).toMatchObject({ code: ErrorCode.IO })
    agent.send(FrameType.DATA, 1, Buffer.from('nobody hears this'))
    agent.send(FrameType.PING, 0)
    await agent.waitFor(({ type }) => type === FrameType.PONG, 'PONG')
  })

  test('drops the connection on CANCEL and at the end of input', async () => {
    const closed: Socket[] = []
    const port = await listen((socket) => socket.resume().on('end', () => closed.push(socket)))
    const agent = await start()
    await dial(agent, 1, port)
    await dial(agent, 2, port)
    agent.send(FrameType.CANCEL, 1)
    expect(await failure(agent, 1)).toMatchObject({ code: ErrorCode.CANCELLED })
    await waitFor('the program to see the first end', () => closed.length === 1)
    agent.endInput()
    await waitFor('the program to see the second end', () => closed.length === 2)
  })

  test('opens as many connections as there are channels, each with its own bytes', async () => {
    const port = await listen((socket) => socket.pipe(socket))
    const agent = await start()
    const channels = Array.from({ length: 64 }, (_, index) => index + 1)
    await Promise.all(channels.map(async (channel) => await dial(agent, channel, port)))
    agent.send(FrameType.OPEN, 65, encodeDial({ port }))
    expect(await failure(agent, 65)).toMatchObject({ code: ErrorCode.BUSY })
    for (const channel of channels) agent.send(FrameType.DATA, channel, Buffer.from(`to ${channel}`))
    await waitFor('all echoes', () => channels.every((channel) => received(agent, channel).toString() === `to ${channel}`))
    agent.send(FrameType.CANCEL, 7)
    await failure(agent, 7)
    await dial(agent, 66, port)
  })

  test.each<[string, Buffer]>([
    ['no port', Buffer.of(33)],
    ['port 0', encodeDial({ port: 0 })],
    ['port 65536', encodeDial({ port: 65_536 })],
    ['a port twice', Buffer.concat([encodeDial({ port: 1 }), encodeDial({ port: 1 }).subarray(1)])],
    ['another field', Buffer.concat([encodeDial({ port: 1 }), Buffer.of(2, 0, 0, 0, 0)])]
  ])('refuses %s', async (_name, request) => {
    const agent = await start()
    agent.send(FrameType.OPEN, 1, request)
    expect(await failure(agent, 1)).toMatchObject({ code: ErrorCode.BAD_REQUEST })
  })
})
