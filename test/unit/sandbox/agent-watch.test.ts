import { describe, expect, it, vi } from 'vitest'
import { findFiles } from '../../../src/sandbox/agent-client/find.ts'
import { watchFiles } from '../../../src/sandbox/agent-client/watch.ts'
import { decodeChanges, decodeMatches, encodeFrame, encodeWatch, ErrorCode, FrameType, INITIAL_CREDIT, type FileChange } from '../../../src/sandbox/agent-protocol.ts'
import { createScriptedAgent } from '../../support/scripted-agent.ts'

const frame = (type: typeof FrameType[keyof typeof FrameType], payload: Uint8Array = Buffer.alloc(0)) => encodeFrame({ type, channel: 1, payload })
const failure = (code: number) => frame(FrameType.ERROR, Buffer.concat([Buffer.of(0, code), Buffer.from('refused')]))
const watching = frame(FrameType.EVENT, Buffer.of(6))
const overflow = (reason: number) => frame(FrameType.EVENT, Buffer.of(7, 1, 0, 0, 0, 1, reason))

const text16 = (text: string) => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(text)])
}
const entry = (path: string, type = 'f') => Buffer.concat([text16(path), Buffer.from(type), Buffer.alloc(28), text16('')])
const change = (kind: string, path: string, to = '') => Buffer.concat([Buffer.from(kind), entry(path), text16(to)])

async function watchScripted (onChanges: (changes: FileChange[]) => void | Promise<void> = () => undefined) {
  const scripted = createScriptedAgent()
  const onOverflow = vi.fn()
  const watch = watchFiles(await scripted.connect(), { path: 'src', recursive: true, exclude: ['.git'] }, { onChanges, onOverflow })
  await scripted.send()
  return { scripted, watch, onOverflow, sent: () => scripted.received().slice(1) }
}

describe('watching through an agent', () => {
  it('asks for the directory, is ready when the agent is, and hands changes on', async () => {
    const seen: FileChange[] = []
    const { scripted, watch, sent } = await watchScripted((changes) => void seen.push(...changes))
    expect(sent()).toMatchObject([{ type: FrameType.OPEN, payload: encodeWatch({ path: 'src', recursive: true, exclude: ['.git'] }) }])
    await scripted.send(watching, frame(FrameType.DATA, Buffer.concat([change('c', 'src/a'), change('v', 'src/a', 'src/b')])))
    await watch.ready
    expect(seen).toMatchObject([{ kind: 'created', entry: { path: Buffer.from('src/a') } }, { kind: 'moved', to: Buffer.from('src/b') }])
    expect(seen[0]).not.toHaveProperty('to')
  })

  it('tells of an overflow', async () => {
    const { scripted, onOverflow } = await watchScripted()
    await scripted.send(watching, overflow(2))
    expect(onOverflow).toHaveBeenCalledOnce()
  })

  it('handles one frame at a time, and gives credit back only then', async () => {
    const calls: string[] = []
    let release = () => {}
    const { scripted, sent } = await watchScripted(async (changes) => {
      calls.push(changes[0]!.entry.path.toString())
      await new Promise<void>((resolve) => { release = resolve })
    })
    const large = (path: string) => frame(FrameType.DATA, Buffer.concat(Array.from({ length: 1560 }, () => change('m', path))))
    await scripted.send(watching, large('first'), large('second'), large('third'))
    expect(calls).toEqual(['first'])
    expect(sent().filter(({ type }) => type === FrameType.CREDIT)).toEqual([])
    release()
    await scripted.send()
    expect(calls).toEqual(['first', 'second'])
    release()
    await scripted.send()
    expect(calls).toEqual(['first', 'second', 'third'])
    release()
    await scripted.send()
    expect(sent().filter(({ type }) => type === FrameType.CREDIT)[0]?.payload.readUInt32BE()).toBeGreaterThanOrEqual(INITIAL_CREDIT / 2)
  })

  it('stops by CANCEL, and says nothing more', async () => {
    const onChanges = vi.fn()
    const { scripted, watch, sent, onOverflow } = await watchScripted(onChanges)
    await scripted.send(watching)
    watch.stop()
    await scripted.send(frame(FrameType.DATA, change('c', 'late')), overflow(1), failure(ErrorCode.CANCELLED))
    await watch.ended
    expect(sent().at(-1)?.type).toBe(FrameType.CANCEL)
    expect([onChanges.mock.calls, onOverflow.mock.calls]).toEqual([[], []])
  })

  it('rejects with what the agent refuses for', async () => {
    const { scripted, watch } = await watchScripted()
    await scripted.send(failure(ErrorCode.WATCH_LIMIT))
    await expect(watch.ready).rejects.toMatchObject({ code: ErrorCode.WATCH_LIMIT })
    await expect(watch.ended).rejects.toMatchObject({ code: ErrorCode.WATCH_LIMIT })
  })

  it('rejects when the agent is lost', async () => {
    const { scripted, watch } = await watchScripted()
    await scripted.send(watching)
    scripted.end()
    await expect(watch.ended).rejects.toMatchObject({ name: 'AgentLostError' })
  })

  it('ends with a handler that fails', async () => {
    const { scripted, watch, sent } = await watchScripted(async () => { throw new Error('cannot') })
    await scripted.send(watching, frame(FrameType.DATA, change('c', 'a')))
    expect(sent().at(-1)?.type).toBe(FrameType.CANCEL)
    await scripted.send(failure(ErrorCode.CANCELLED))
    await expect(watch.ended).rejects.toThrow('cannot')
  })

  it('is never ready when what is watched is gone before', async () => {
    const { scripted, watch } = await watchScripted()
    await scripted.send(frame(FrameType.RESULT))
    await watch.ended
    await expect(watch.ready).rejects.toMatchObject({ name: 'AgentLostError' })
  })

  it.each([
    ['an unknown reason', overflow(4)],
    ['an unknown event', frame(FrameType.EVENT, Buffer.of(5))],
    ['changes on another stream', encodeFrame({ type: FrameType.DATA, channel: 1, stream: 1, payload: change('c', 'a') })],
    ['a broken change', frame(FrameType.DATA, change('c', 'a').subarray(0, 20))]
  ])('gives the agent up for %s', async (_what, bytes) => {
    const { scripted, watch } = await watchScripted()
    await scripted.send(bytes)
    await expect(watch.ended).rejects.toMatchObject({ name: 'AgentLostError' })
    expect(scripted.isDestroyed()).toBe(true)
  })
})

describe('changes', () => {
  it.each([
    ['of no known kind', change('x', 'a')],
    ['that move nowhere', change('v', 'a')],
    ['that go elsewhere without a move', change('m', 'a', 'b')],
    ['from outside', change('c', '../a')],
    ['to outside', change('v', 'a', '/etc/b')],
    ['cut short', change('v', 'a', 'b').subarray(0, -1)]
  ])('%s are refused', (_what, bytes) => {
    expect(() => decodeChanges(bytes)).toThrow(expect.objectContaining({ name: 'AgentProtocolError' }))
  })
})

describe('finding through an agent', () => {
  const match = (path: string, textBytes = 0, claimed = textBytes) => {
    const facts = Buffer.alloc(10)
    facts.writeUInt32BE(3, 0)
    facts.writeUInt32BE(7, 4)
    facts.writeUInt16BE(claimed, 8)
    return Buffer.concat([entry(path), facts, Buffer.alloc(textBytes, 'x')])
  }
  const result = (matches: number) => frame(FrameType.RESULT, Buffer.of(1, 0, 0, 0, 4, 0, 0, 0, matches, 2, 0, 0, 0, 1, 0))

  it('reads matches with their place', () => {
    expect(decodeMatches(Buffer.concat([match('a', 4), match('b')]))).toMatchObject([
      { entry: { path: Buffer.from('a') }, line: 3, column: 7, text: Buffer.from('xxxx') }, { entry: { path: Buffer.from('b') }, text: Buffer.alloc(0) }
    ])
  })

  it.each([
    ['without a path', match('')], ['with too long a text', match('a', 513)], ['cut short', match('a', 4).subarray(0, -1)], ['without facts', entry('a')],
    ['with less text than it says', match('a', 3, 4)]
  ])('refuses a match %s', (_what, bytes) => {
    expect(() => decodeMatches(bytes)).toThrow(expect.objectContaining({ name: 'AgentProtocolError' }))
  })

  it('insists on every match', async () => {
    const scripted = createScriptedAgent()
    const finding = findFiles(await scripted.connect(), { glob: '*' }, { onMatches () {} })
    finding.catch(() => undefined)
    await scripted.send(frame(FrameType.DATA, match('a')), frame(FrameType.END), result(2))
    await expect(finding).rejects.toThrow('lost matches')
  })

  it('asks nothing of the agent when it is aborted before', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    await expect(findFiles(agent, { glob: '*' }, { onMatches () {} }, AbortSignal.abort(new Error('early')))).rejects.toThrow('early')
    await scripted.send()
    expect(scripted.received()).toHaveLength(1)
  })
})
