import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { dialPort } from '../../../src/sandbox/agent-client/dial.ts'
import { AgentLostError, AgentOperationError } from '../../../src/sandbox/agent-client/errors.ts'
import { listPorts } from '../../../src/sandbox/agent-client/ports.ts'
import { ErrorCode, FrameType, INITIAL_CREDIT, MAX_PAYLOAD, encodeCredit, encodeDial, encodeFrame, encodePorts } from '../../../src/sandbox/agent-protocol.ts'
import { createScriptedAgent } from '../../support/scripted-agent.ts'

const frame = (type: typeof FrameType[keyof typeof FrameType], payload: Uint8Array = Buffer.alloc(0)) => encodeFrame({ type, channel: 1, payload })
const failure = (code: number, message: string) => frame(FrameType.ERROR, Buffer.concat([Buffer.of(0, code), Buffer.from(message)]))
const connected = frame(FrameType.EVENT, Buffer.of(3))
const never = new AbortController().signal

async function dialScripted () {
  const scripted = createScriptedAgent()
  const dialling = dialPort(await scripted.connect(), 3000, never)
  await scripted.send(connected)
  return { scripted, socket: await dialling, sent: () => scripted.received().slice(1) }
}

const bytesOf = (frames: Array<{ type: number, payload: Buffer }>) =>
  Buffer.concat(frames.filter(({ type }) => type === FrameType.DATA).map(({ payload }) => payload))

describe('dialling through an agent', () => {
  it('asks for the port and carries bytes both ways, each with its own end', async () => {
    const { scripted, socket, sent } = await dialScripted()
    expect(sent()).toMatchObject([{ type: FrameType.OPEN, payload: encodeDial({ port: 3000 }) }])
    socket.end('question')
    const received = once(socket, 'data')
    await scripted.send(frame(FrameType.DATA, Buffer.from('answer')))
    expect((await received)[0]).toEqual(Buffer.from('answer'))
    const ended = once(socket, 'end')
    await scripted.send(frame(FrameType.END), frame(FrameType.RESULT))
    await ended
    expect(sent().slice(1)).toMatchObject([
      { type: FrameType.DATA, payload: Buffer.from('question') }, { type: FrameType.END }
    ])
  })

  it('holds the writer back once the credit is used up', async () => {
    const { scripted, socket, sent } = await dialScripted()
    const written: boolean[] = []
    socket.write(Buffer.alloc(INITIAL_CREDIT + 10), () => written.push(true))
    await scripted.send()
    expect(bytesOf(sent())).toHaveLength(INITIAL_CREDIT)
    expect(written).toEqual([])
    await scripted.send(frame(FrameType.CREDIT, encodeCredit(10)))
    expect(bytesOf(sent())).toHaveLength(INITIAL_CREDIT + 10)
    expect(written).toEqual([true])
  })

  it('gives credit back only as the reader takes the bytes', async () => {
    const { scripted, socket, sent } = await dialScripted()
    const credits = () => sent().filter(({ type }) => type === FrameType.CREDIT).reduce((sum, { payload }) => sum + payload.readUInt32BE(), 0)
    for (let i = 0; i < INITIAL_CREDIT / MAX_PAYLOAD; i++) await scripted.send(frame(FrameType.DATA, Buffer.alloc(MAX_PAYLOAD)))
    expect(credits()).toBe(0)
    socket.resume()
    await scripted.send()
    expect(credits()).toBeGreaterThan(0)
  })

  it('drops the connection when it is destroyed', async () => {
    const { scripted, socket, sent } = await dialScripted()
    socket.destroy()
    await scripted.send(failure(ErrorCode.CANCELLED, 'cancelled'))
    expect(sent().at(-1)).toMatchObject({ type: FrameType.CANCEL })
  })

  it('breaks when the connection or the agent does', async () => {
    const broken = await dialScripted()
    const failed = expect(once(broken.socket, 'close')).rejects.toBeInstanceOf(AgentOperationError)
    await broken.scripted.send(failure(ErrorCode.IO, 'Connection reset by peer'))
    await failed

    const lost = await dialScripted()
    const lostToo = expect(once(lost.socket, 'close')).rejects.toBeInstanceOf(AgentLostError)
    lost.scripted.end()
    await lostToo
  })

  it('tells that nothing listens', async () => {
    const scripted = createScriptedAgent()
    const dialling = dialPort(await scripted.connect(), 3000, never)
    const refused = expect(dialling).rejects.toMatchObject({ code: ErrorCode.REFUSED })
    await scripted.send(failure(ErrorCode.REFUSED, 'Connection refused'))
    await refused
  })

  it('gives up when it is told to', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    const controller = new AbortController()
    const dialling = dialPort(agent, 3000, controller.signal)
    controller.abort(new Error('too slow'))
    await expect(dialling).rejects.toThrow('too slow')
    await scripted.send()
    expect(scripted.received().at(-1)).toMatchObject({ type: FrameType.CANCEL })
    await expect(dialPort(agent, 3000, controller.signal)).rejects.toThrow('too slow')
  })

  it.each<[string, Buffer]>([
    ['another event', frame(FrameType.EVENT, Buffer.of(1))],
    ['bytes on another stream', encodeFrame({ type: FrameType.DATA, channel: 1, stream: 1, payload: Buffer.of(1) })]
  ])('loses an agent that sends %s', async (_name, bytes) => {
    const scripted = createScriptedAgent()
    const dialling = dialPort(await scripted.connect(), 3000, never)
    const lost = expect(dialling).rejects.toBeInstanceOf(AgentLostError)
    await scripted.send(bytes)
    await lost
  })
})

describe('listening ports of a sandbox', () => {
  const entry = (port: number, loopbackOnly: number, name: Uint8Array) => Buffer.concat([Buffer.of(port >> 8, port & 255, loopbackOnly, name.length), name])
  const more = frame(FrameType.RESULT, Buffer.of(1, 0, 0, 0, 1, 0))

  async function listScripted (...frames: Buffer[]) {
    const scripted = createScriptedAgent()
    const listing = listPorts(await scripted.connect())
    // Its outcome is looked at after the frames are sent.
    listing.catch(() => undefined)
    await scripted.send(...frames)
    return { scripted, listing }
  }

  it('come sorted, and with names that are safe to show', async () => {
    const { scripted, listing } = await listScripted(
      frame(FrameType.DATA, Buffer.concat([
        entry(8080, 0, Buffer.from('node')), entry(3000, 1, Buffer.alloc(0)), entry(9229, 1, Buffer.from('a\x1b[2J\u202eb'))
      ])),
      frame(FrameType.END), more)
    expect(await listing).toEqual([
      { port: 3000, process: null, loopbackOnly: true },
      { port: 8080, process: 'node', loopbackOnly: false },
      { port: 9229, process: 'a?[2J?b', loopbackOnly: true }
    ])
    expect(scripted.received()[1]).toMatchObject({ type: FrameType.OPEN, payload: encodePorts() })
  })

  it.each<[string, Buffer]>([
    ['port 0', entry(0, 0, Buffer.from('node'))],
    ['half a yes', entry(1, 2, Buffer.from('node'))],
    ['a long name', entry(1, 0, Buffer.alloc(16, 'x'))],
    ['a name that is cut', entry(1, 0, Buffer.from('node')).subarray(0, -1)],
    ['a lone byte', Buffer.of(1)],
    ['too many', Buffer.concat(Array.from({ length: 65 }, (_, index) => entry(index + 1, 0, Buffer.alloc(0))))]
  ])('are not believed with %s', async (_name, payload) => {
    const { listing } = await listScripted(frame(FrameType.DATA, payload))
    await expect(listing).rejects.toBeInstanceOf(AgentLostError)
  })
})
