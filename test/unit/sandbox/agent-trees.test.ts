import { describe, expect, it } from 'vitest'
import { copyPath, measureUsage, movePath, removePath } from '../../../src/sandbox/agent-client/trees.ts'
import { encodeCopy, encodeFrame, encodeMove, encodeRemove, encodeUsage, FrameType, type FileEntry } from '../../../src/sandbox/agent-protocol.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { createScriptedAgent } from '../../support/scripted-agent.ts'

const result = (payload: Uint8Array) => encodeFrame({ type: FrameType.RESULT, channel: 1, payload })
const u32 = (tag: number, value: number) => Buffer.of(tag, 0, 0, 0, 4, 0, 0, 0, value)

/** The one request that a call makes, and what it makes of the answer. */
async function exchange<T> (call: (agent: AgentConnection) => Promise<T>, answer: Uint8Array) {
  const scripted = createScriptedAgent()
  const outcome = call(await scripted.connect())
  outcome.catch(() => undefined)
  await scripted.send(result(answer))
  return { request: scripted.received()[1]?.payload, outcome }
}

const entry = Buffer.concat([Buffer.from([0, 1]), Buffer.from('b'), Buffer.from('f'), Buffer.alloc(28), Buffer.alloc(2)])
const entryField = Buffer.concat([Buffer.of(1, 0, 0, 0, entry.length), entry])

describe('operations on trees', () => {
  it.each<[string, (agent: AgentConnection) => Promise<FileEntry>, Buffer]>([
    ['moves', (agent) => movePath(agent, 'a', 'b', { overwrite: true }), encodeMove({ path: 'a', to: 'b', overwrite: true })],
    ['copies', (agent) => copyPath(agent, 'a', 'b', { maxBytes: 10 }), encodeCopy({ path: 'a', to: 'b', maxBytes: 10 })]
  ])('%s and says what is there then', async (_what, call, expected) => {
    const { request, outcome } = await exchange(call, entryField)
    expect(request).toEqual(expected)
    expect(await outcome).toMatchObject({ path: Buffer.from('b'), type: 'file' })
  })

  it('removes and says how much that was', async () => {
    const { request, outcome } = await exchange((agent) => removePath(agent, Buffer.from([0xff]), { recursive: true }), u32(1, 7))
    expect(request).toEqual(encodeRemove({ path: Buffer.from([0xff]), recursive: true }))
    expect(await outcome).toBe(7)
  })

  it('measures', async () => {
    const { request, outcome } = await exchange((agent) => measureUsage(agent, { exclude: ['x'] }), Buffer.concat([
      Buffer.of(1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 1, 0), u32(2, 3)
    ]))
    expect(request).toEqual(encodeUsage({ exclude: ['x'] }))
    expect(await outcome).toEqual({ bytes: 256, entries: 3 })
  })

  it.each<[string, (agent: AgentConnection) => Promise<unknown>]>([
    ['a move', (agent) => movePath(agent, 'a', 'b')], ['a removal', (agent) => removePath(agent, 'a')], ['a measurement', (agent) => measureUsage(agent)]
  ])('refuses an answer to %s that says nothing', async (_what, call) => {
    const { outcome } = await exchange(call, Buffer.alloc(0))
    await expect(outcome).rejects.toMatchObject({ name: 'AgentProtocolError' })
  })

  it.each<[string, (agent: AgentConnection, signal: AbortSignal) => Promise<unknown>]>([
    ['copying', (agent, signal) => copyPath(agent, 'a', 'b', {}, signal)],
    ['removing', (agent, signal) => removePath(agent, 'a', {}, signal)],
    ['measuring', (agent, signal) => measureUsage(agent, {}, signal)]
  ])('cancels %s with the signal', async (_what, call) => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    const controller = new AbortController()
    const outcome = call(agent, controller.signal)
    controller.abort(new Error('enough'))
    await expect(outcome).rejects.toThrow('enough')
    await scripted.send()
    expect(scripted.received().map(({ type }) => type)).toEqual([FrameType.HELLO, FrameType.OPEN, FrameType.CANCEL])
    await expect(call(agent, controller.signal)).rejects.toThrow('enough')
    await scripted.send()
    expect(scripted.received()).toHaveLength(3)
  })

  it('refuses a request that fits in no frame', () => {
    expect(() => encodeFrame({ type: FrameType.OPEN, payload: encodeMove({ path: 'a'.repeat(70_000), to: 'b' }) })).toThrow(RangeError)
  })
})
