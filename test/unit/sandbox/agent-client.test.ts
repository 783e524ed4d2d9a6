import { describe, expect, it } from 'vitest'
import { connectAgent } from '../../../src/sandbox/agent-client/connection.ts'
import { AgentLostError, AgentOperationError } from '../../../src/sandbox/agent-client/errors.ts'
import { openRun, resetSandbox } from '../../../src/sandbox/agent-client/operations.ts'
import { placeFiles } from '../../../src/sandbox/agent-client/place-files.ts'
import { writeFile } from '../../../src/sandbox/agent-client/write-file.ts'
import { ErrorCode, FrameType, INITIAL_CREDIT, MAX_PAYLOAD, encodeCredit, encodeFrame } from '../../../src/sandbox/agent-protocol.ts'
import { agentHello, createScriptedAgent } from '../../support/scripted-agent.ts'

/** RESULT of a WRITE: the entry of a file of that size, and that it has been made. */
function written (size: number): Buffer {
  const entry = Buffer.alloc(2 + 1 + 29 + 2)
  entry.writeUInt16BE(1)
  entry.write('af', 2)
  entry.writeBigUInt64BE(BigInt(size), 8)
  const header = Buffer.of(1, 0, 0, 0, entry.length)
  return Buffer.concat([header, entry, Buffer.of(2, 0, 0, 0, 1, 1)])
}
const result = (channel: number, payload: Buffer = Buffer.alloc(0)) => encodeFrame({ type: FrameType.RESULT, channel, payload })
const failure = (channel: number, code: number, message: string) =>
  encodeFrame({ type: FrameType.ERROR, channel, payload: Buffer.concat([Buffer.of(0, code), Buffer.from(message)]) })
const data = (channel: number, stream: number, payload: Buffer) => encodeFrame({ type: FrameType.DATA, channel, stream, payload })

describe('connection to an agent', () => {
  it('says hello after the agent has', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    expect(agent.hello).toMatchObject({ maxChannels: 16, processId: 1 })
    expect(scripted.received().map(({ type }) => type)).toEqual([FrameType.HELLO])
  })

  it.each<[string, Buffer]>([
    ['something else', Buffer.from('sh: agent: not found and more\n')],
    ['another version', encodeFrame({ type: FrameType.HELLO, payload: Buffer.concat([Buffer.from('BRTH'), Buffer.of(0, 9)]) })],
    ['a result before its hello', result(1)]
  ])('is lost to %s', async (_name, bytes) => {
    const scripted = createScriptedAgent()
    const connecting = connectAgent(scripted.stream)
    scripted.stream.stdout.write(bytes)
    await expect(connecting).rejects.toBeInstanceOf(AgentLostError)
    expect(scripted.isDestroyed()).toBe(true)
  })

  it.each<[string, Buffer]>([
    ['a frame for a channel that is not open', result(77)],
    ['a second hello', agentHello()],
    ['more credit than has been used', encodeFrame({ type: FrameType.CREDIT, channel: 1, payload: encodeCredit(1) })],
    ['as much credit as a field holds', encodeFrame({ type: FrameType.CREDIT, channel: 1, payload: encodeCredit(2 ** 32 - 1) })],
    ['more bytes than its credit', Buffer.concat(Array.from({ length: INITIAL_CREDIT / MAX_PAYLOAD + 1 }, () => data(1, 1, Buffer.alloc(MAX_PAYLOAD))))],
    ['an error of its own', failure(0, ErrorCode.PROTOCOL, 'bad frame')]
  ])('ends everything open when the agent sends %s', async (_name, bytes) => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    const run = openRun(agent, { args: ['true'] }, { onOutput: async () => await new Promise(() => undefined) })
    await scripted.send(bytes)
    await expect(run.result).rejects.toBeInstanceOf(AgentLostError)
    expect(await agent.lost).toBeInstanceOf(AgentLostError)
    expect(scripted.isDestroyed()).toBe(true)
    await expect(resetSandbox(agent)).rejects.toBeInstanceOf(AgentLostError)
  })

  it('is lost to an agent that returns credit for what it does not read', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    scripted.stream.stdin.pause()
    const placed = writeFile(agent, 'big', Buffer.alloc(64 * 1024 ** 2))
    const lost = expect(placed).rejects.toBeInstanceOf(AgentLostError)
    for (let i = 0; i < 200; i++) await scripted.send(encodeFrame({ type: FrameType.CREDIT, channel: 1, payload: encodeCredit(INITIAL_CREDIT) }))
    await lost
    expect(scripted.stream.stdin.writableLength).toBeLessThan(34 * 1024 ** 2)
  })

  it('answers each ping in its turn, minds no answer that nobody asked for, and rejects those that none came for', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    const pong = encodeFrame({ type: FrameType.PONG })
    await scripted.send(pong)
    const answers: string[] = []
    const pings = ['first', 'second'].map(async (name) => await agent.ping().then(() => answers.push(name)))
    await scripted.send(pong)
    expect(answers).toEqual(['first'])
    await scripted.send(pong)
    await Promise.all(pings)
    const last = expect(agent.ping()).rejects.toBeInstanceOf(AgentLostError)
    scripted.stream.stdout.end()
    await last
    await expect(agent.ping()).rejects.toBeInstanceOf(AgentLostError)
  })

  it('rejects what is open when the stream ends or fails', async () => {
    for (const lose of ['end', 'destroy'] as const) {
      const scripted = createScriptedAgent()
      const agent = await scripted.connect()
      const resetting = resetSandbox(agent)
      scripted.stream.stdout[lose]()
      await expect(resetting).rejects.toBeInstanceOf(AgentLostError)
    }
  })
})

describe('operations of an agent', () => {
  it('leave in one packet: files, program and input', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    const before = scripted.writes()
    const placed = writeFile(agent, 'main.py', Buffer.from('print(1)'))
    const run = openRun(agent, { args: ['python3', 'main.py'] }, { onOutput: () => undefined })
    run.sendInput(Buffer.from('input'))
    run.endInput()
    await new Promise(setImmediate)
    expect(scripted.writes() - before).toBe(1)
    expect(scripted.received().slice(1).map(({ type, channel }) => [type, channel])).toEqual([
      [FrameType.OPEN, 1], [FrameType.DATA, 1], [FrameType.END, 1],
      [FrameType.OPEN, 2], [FrameType.DATA, 2], [FrameType.END, 2]
    ])
    await scripted.send(result(1, written(8)))
    await placed
  })

  it('send no more than the credit, and the rest when there is more', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    const content = Buffer.alloc(INITIAL_CREDIT + 100_000, 'x')
    const placed = writeFile(agent, 'big', content)
    await new Promise(setImmediate)
    const sent = () => scripted.received().filter(({ type }) => type === FrameType.DATA).reduce((sum, { payload }) => sum + payload.length, 0)
    const hasEnded = () => scripted.received().some(({ type }) => type === FrameType.END)
    expect([sent(), hasEnded()]).toEqual([INITIAL_CREDIT, false])
    await scripted.send(encodeFrame({ type: FrameType.CREDIT, channel: 1, payload: encodeCredit(40_000) }))
    expect([sent(), hasEnded()]).toEqual([INITIAL_CREDIT + 40_000, false])
    await scripted.send(encodeFrame({ type: FrameType.CREDIT, channel: 1, payload: encodeCredit(60_000) }))
    expect([sent(), hasEnded()]).toEqual([content.length, true])
    await scripted.send(result(1, written(content.length)))
    await placed
  })

  it('give the credit of output back once it has been taken, not before', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    let take: () => void = () => undefined
    const taken = new Promise<void>((resolve) => { take = resolve })
    openRun(agent, { args: ['yes'] }, { onOutput: async () => await taken })
    await scripted.send(data(1, 1, Buffer.alloc(MAX_PAYLOAD)), data(1, 1, Buffer.alloc(MAX_PAYLOAD)))
    const credits = () => scripted.received().filter(({ type }) => type === FrameType.CREDIT)
    expect(credits()).toEqual([])
    take()
    await new Promise(setImmediate)
    expect(credits().map(({ channel, stream, payload }) => [channel, stream, payload.readUInt32BE()])).toEqual([[1, 1, 2 * MAX_PAYLOAD]])
  })

  it('let go of what was to be sent when they end before it', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    const sent: string[] = []
    const run = openRun(agent, { args: ['true'] }, { onOutput: () => undefined })
    run.sendInput(Buffer.alloc(INITIAL_CREDIT), () => sent.push('first'))
    run.sendInput(Buffer.from('more'), () => sent.push('queued'))
    expect(sent).toEqual(['first'])
    await scripted.send(failure(1, ErrorCode.SPAWN, 'true: No such file or directory'))
    expect(sent).toEqual(['first', 'queued'])
    run.sendInput(Buffer.from('late'), () => sent.push('late'))
    expect(sent).toEqual(['first', 'queued', 'late'])
  })

  it('fail one by one without ending the connection', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    const placed = writeFile(agent, 'a', Buffer.from('x'))
    const reset = resetSandbox(agent)
    const refused = expect(placed).rejects.toSatisfy((error) => error instanceof AgentOperationError && error.code === ErrorCode.NO_SPACE && error.message === 'full')
    await scripted.send(failure(1, ErrorCode.NO_SPACE, 'full'))
    await refused
    await scripted.send(result(2, Buffer.of(1, 0, 0, 0, 4, 0, 0, 0, 7)))
    await reset
  })

  it('do not believe an agent that wrote another amount', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    const { placed } = placeFiles(agent, [{ path: 'a', content: Buffer.from('four') }])
    const doubted = expect(placed).rejects.toThrow('3 of 4 bytes')
    await scripted.send(result(1, written(3)))
    await doubted
  })
})
