import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { decodeError, decodeHello, encodeCredit, encodeFrame, encodeRun, encodeServerHello, encodeWrite, ErrorCode, FrameType, INITIAL_CREDIT } from '../../../src/sandbox/agent-protocol.ts'
import { onChannel, openRun, startAgent, type AgentProcess } from '../../support/agent-process.ts'
import { describeAgent, markedProcesses } from '../../support/agent-suite.ts'

const isConnectionError = onChannel(0, FrameType.ERROR)

async function expectBroken (agent: AgentProcess, code: number = ErrorCode.PROTOCOL): Promise<void> {
  const frame = await agent.waitFor(isConnectionError, 'an error')
  expect(decodeError(frame.payload).code).toBe(code)
  expect(await agent.exited).toBe(70)
}

describeAgent('connection', ({ start, binary, root, env }) => {
  test('begins with HELLO', async () => {
    const agent = await start()
    expect(decodeHello(agent.frames[0]!.payload)).toMatchObject({ maxChannels: 64, processId: agent.pid })
  })

  test.each<[string, Buffer]>([
    ['garbage', Buffer.from('GET / HTTP/1.1\r\nHost: agent\r\n\r\n')],
    ['zeros', Buffer.alloc(64)],
    ['an unknown type', encodeFrame({ type: 99 as never, channel: 1 })],
    ['a type only the agent sends', encodeFrame({ type: FrameType.RESULT, channel: 1 })],
    ['a frame that is too long', Buffer.from([3, 0, 0, 1, 0, 1, 0, 1])],
    ['a second HELLO', encodeFrame({ type: FrameType.HELLO, payload: encodeServerHello() })],
    ['an OPEN of channel 0', encodeFrame({ type: FrameType.OPEN, payload: Buffer.of(1) })],
    ['DATA on channel 0', encodeFrame({ type: FrameType.DATA, payload: Buffer.of(1) })],
    ['a PING of 65 bytes', encodeFrame({ type: FrameType.PING, payload: Buffer.alloc(65) })],
    ['a PING on a channel', encodeFrame({ type: FrameType.PING, channel: 1 })]
  ])('ends with an error on %s', async (_, bytes) => {
    const agent = await start()
    agent.write(bytes)
    await expectBroken(agent)
  })

  test('ends with an error when anything comes before HELLO', async () => {
    const agent = startAgent({ binary: binary(), root: root() })
    agent.send(FrameType.PING, 0)
    await expectBroken(agent)
  })

  test('ends with an error on another version', async () => {
    const agent = startAgent({ binary: binary(), root: root() })
    agent.send(FrameType.HELLO, 0, Buffer.from('BRTH\0\x01'))
    await expectBroken(agent, ErrorCode.VERSION)
  })

  test.each<[string, (agent: AgentProcess) => void]>([
    ['a channel opened twice', (agent) => agent.send(FrameType.OPEN, 1, encodeRun({ args: ['true'] }))],
    ['data beyond the credit', (agent) => {
      // What the pipe takes comes back as credit, so one more window is needed to exceed it for sure.
      for (let sent = 0; sent <= 2 * INITIAL_CREDIT; sent += 32_768) agent.send(FrameType.DATA, 1, Buffer.alloc(32_768))
    }],
    ['data on a stream from the agent', (agent) => agent.send(FrameType.DATA, 1, Buffer.of(1), 1)],
    ['data after the end', (agent) => {
      agent.send(FrameType.END, 1)
      agent.send(FrameType.DATA, 1, Buffer.of(1))
    }],
    ['a second end', (agent) => {
      agent.send(FrameType.END, 1)
      agent.send(FrameType.END, 1)
    }],
    ['credit for stdin', (agent) => agent.send(FrameType.CREDIT, 1, encodeCredit(1))],
    ['credit for stream 3', (agent) => agent.send(FrameType.CREDIT, 1, encodeCredit(1), 3)],
    ['credit that overflows', (agent) => agent.send(FrameType.CREDIT, 1, encodeCredit(2 ** 32 - 1), 1)],
    ['credit of three bytes', (agent) => agent.send(FrameType.CREDIT, 1, Buffer.alloc(3), 1)],
    ['signal 0', (agent) => agent.send(FrameType.SIGNAL, 1, Buffer.of(0))],
    ['signal 65', (agent) => agent.send(FrameType.SIGNAL, 1, Buffer.of(65))],
    ['a cancel with a payload', (agent) => agent.send(FrameType.CANCEL, 1, Buffer.of(0))]
  ])('kills the program and ends with an error on %s', async (_, misbehave) => {
    const agent = await start()
    await openRun(agent, 1, { args: ['sleep', '1000'], env: env() }).started
    misbehave(agent)
    await expectBroken(agent)
    expect(await markedProcesses(env().BERTH_TEST!)).toEqual([])
  })

  test('ignores late frames for a channel that is closed', async () => {
    const agent = await start()
    await openRun(agent, 1, { args: ['true'], env: env() }).finish()
    agent.send(FrameType.DATA, 1, Buffer.alloc(65_536))
    agent.send(FrameType.END, 1)
    agent.send(FrameType.CREDIT, 1, encodeCredit(1), 1)
    agent.send(FrameType.SIGNAL, 1, Buffer.of(9))
    agent.send(FrameType.CANCEL, 1)
    agent.send(FrameType.PING, 0, Buffer.from('still there?'))
    const pong = await agent.waitFor(({ type }) => type === FrameType.PONG, 'PONG')
    expect(pong.payload.toString()).toBe('still there?')
  })

  test('takes a channel number again once it is closed', async () => {
    const agent = await start()
    expect((await openRun(agent, 65_535, { args: ['true'], env: env() }).finish()).result.exitCode).toBe(0)
    agent.frames.length = 0
    expect((await openRun(agent, 65_535, { args: ['false'], env: env() }).finish()).result.exitCode).toBe(1)
  })

  test.each<[string, Buffer]>([
    ['no operation', Buffer.alloc(0)],
    ['an unknown operation', Buffer.of(99)],
    ['an unknown field', Buffer.concat([encodeRun({ args: ['true'] }), Buffer.of(7, 0, 0, 0, 0)])],
    ['a field that is cut off', encodeRun({ args: ['true'] }).subarray(0, -1)],
    ['a field longer than the frame', Buffer.of(1, 1, 255, 255, 255, 255)],
    ['a field of the wrong length', Buffer.concat([encodeRun({ args: ['true'] }), Buffer.of(4, 0, 0, 0, 1, 0)])],
    ['a limit given twice', Buffer.concat([encodeRun({ args: ['true'], wallMs: 1 }), Buffer.of(4, 0, 0, 0, 4, 0, 0, 0, 1)])],
    ['unknown flags', Buffer.concat([encodeRun({ args: ['true'] }), Buffer.of(6, 0, 0, 0, 4, 0, 0, 0, 4)])],
    ['no argument', Buffer.of(1)],
    ['an argument with NUL', Buffer.of(1, 1, 0, 0, 0, 1, 0)],
    ['a variable without a name', Buffer.concat([encodeRun({ args: ['true'] }), Buffer.of(2, 0, 0, 0, 1, 0x3d)])],
    ['an operation of an older version', Buffer.of(2, 1, 0, 0, 0, 1, 0x61)],
    ['a write without a path', Buffer.of(19)],
    ['a write with a set-user-id mode', encodeWrite({ path: 'a', mode: 0o4755 })],
    ['a reset with fields', Buffer.of(5, 1, 0, 0, 0, 0)]
  ])('refuses %s, and goes on', async (_, payload) => {
    const agent = await start()
    agent.send(FrameType.OPEN, 1, payload)
    const refusal = await agent.waitFor(onChannel(1, FrameType.ERROR), 'a refusal')
    expect(decodeError(refusal.payload).code).toBe(ErrorCode.BAD_REQUEST)
    expect((await openRun(agent, 2, { args: ['true'], env: env() }).finish()).result.exitCode).toBe(0)
  })

  test('understands frames split at every byte', async () => {
    const agent = await start()
    const bytes = Buffer.concat([
      encodeFrame({ type: FrameType.OPEN, channel: 1, payload: encodeRun({ args: ['cat'], env: env() }) }),
      encodeFrame({ type: FrameType.DATA, channel: 1, payload: Buffer.from('split') }),
      encodeFrame({ type: FrameType.END, channel: 1 })
    ])
    for (const [at] of bytes.entries()) {
      agent.frames.length = 0
      // One write is one read: with the PONG the first part has been read as well, and by itself.
      agent.write(Buffer.concat([encodeFrame({ type: FrameType.PING }), bytes.subarray(0, at)]))
      await agent.waitFor(({ type }) => type === FrameType.PONG, 'PONG')
      agent.write(bytes.subarray(at))
      await agent.waitFor(onChannel(1, FrameType.RESULT), 'RESULT')
      const data = agent.frames.filter(onChannel(1, FrameType.DATA))
      expect(Buffer.concat(data.map(({ payload }) => payload)).toString()).toBe('split')
    }
  })

  test('kills everything at the end of input, inside a frame too', async () => {
    const agent = await start()
    await openRun(agent, 1, { args: ['sh', '-c', 'setsid sleep 1000 & sleep 1000'], env: env() }).started
    agent.write(encodeFrame({ type: FrameType.OPEN, channel: 2, payload: Buffer.alloc(100) }).subarray(0, 50))
    agent.endInput()
    expect(await agent.exited).toBe(0)
    expect(await markedProcesses(env().BERTH_TEST!)).toEqual([])
  })

  test('ends on SIGTERM as at the end of input', async () => {
    const agent = await start()
    await openRun(agent, 1, { args: ['sh', '-c', 'setsid sleep 1000 & trap "" TERM; wait'], env: env() }).started
    agent.send(FrameType.OPEN, 2, encodeWrite({ path: 'half' }))
    agent.kill('SIGTERM')
    expect(await agent.exited).toBe(0)
    expect(await markedProcesses(env().BERTH_TEST!)).toEqual([])
    expect(await readdir(root())).toEqual([])
  })

  test('runs one program at a time', async () => {
    const agent = await start()
    await openRun(agent, 1, { args: ['sleep', '1000'], env: env() }).started
    await expect(openRun(agent, 2, { args: ['true'] }).finish()).rejects.toMatchObject({ code: ErrorCode.BUSY })
  })

  test('refuses more channels than it said', async () => {
    const agent = await start()
    for (let channel = 1; channel <= 65; channel++) agent.send(FrameType.OPEN, channel, encodeWrite({ path: `file-${channel}` }))
    const refusal = await agent.waitFor(onChannel(65, FrameType.ERROR), 'a refusal')
    expect(decodeError(refusal.payload).code).toBe(ErrorCode.BUSY)
  })
})
