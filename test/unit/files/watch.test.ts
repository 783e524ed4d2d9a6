import { beforeEach, describe, expect, it } from 'vitest'
import { errors } from '../../../src/errors.ts'
import { createDeferred, type Deferred } from '../../../src/lib/deferred.ts'
import type { Workspace } from '../../../src/projects/workspace/workspace.ts'
import { keepWatching } from '../../../src/projects/files/socket/watch.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import type { ChannelHandlers } from '../../../src/sandbox/agent-client/channel.ts'
import { AgentLostError, AgentOperationError } from '../../../src/sandbox/agent-client/errors.ts'
import { ErrorCode, EventKind } from '../../../src/sandbox/agent-protocol.ts'
import { waitFor } from '../../support/wait-for.ts'

interface Opened {
  readonly handlers: ChannelHandlers
  readonly result: Deferred<Buffer>
}

const WATCHING = Buffer.of(EventKind.WATCHING)
const OVERFLOW = Buffer.of(EventKind.OVERFLOW, 1, 0, 0, 0, 1, 1)

let opened: Opened[]
let refusals: Error[]
let moving: AbortController
let said: Array<{ type: string, path?: string }>
let leaving: AbortController

const agent = {
  open: (_operation: Uint8Array, handlers: ChannelHandlers) => {
    const result = createDeferred<Buffer>()
    opened.push({ handlers, result })
    return { result: result.promise, control: () => result.reject(new AgentOperationError(ErrorCode.CANCELLED, 'cancelled')) }
  }
} as unknown as AgentConnection

beforeEach(() => {
  opened = []
  refusals = []
  said = []
  moving = new AbortController()
  leaving = new AbortController()
})

const workspace = {
  withAgent: async (_projectId: string, work: (agent: AgentConnection, signal: AbortSignal) => Promise<unknown>) => {
    const refusal = refusals.shift()
    if (refusal !== undefined) throw refusal
    return await work(agent, moving.signal)
  }
} as unknown as Workspace

const watch = async (): Promise<void> => await keepWatching({
  workspace,
  projectId: 'p',
  path: 'src/',
  request: { path: 'src', recursive: true },
  send: async (message) => void said.push(message),
  signal: leaving.signal
})
const stands = async (count: number): Promise<Opened> => {
  const last = await waitFor(`watch ${count}`, () => opened[count - 1])
  last.handlers.onEvent?.(WATCHING)
  return last
}
const heard = async (...types: string[]): Promise<void> => {
  await waitFor(types.join(), () => said.map(({ type }) => type).join() === types.join())
}

describe('a watch', () => {
  it('tells under the path that its client gave', async () => {
    const watching = watch()
    const { handlers, result } = await stands(1)
    await heard('watching')
    handlers.onEvent?.(OVERFLOW)
    await heard('watching', 'overflow')
    result.resolve(Buffer.alloc(0))
    await watching
    expect(said).toEqual(['watching', 'overflow', 'unwatched'].map((type) => ({ type, path: 'src/' })))
  })

  it('moves with its project, and says that something may have been missed', async () => {
    const watching = watch()
    await stands(1)
    await heard('watching')
    const before = moving
    moving = new AbortController()
    before.abort()
    await stands(2)
    await heard('watching', 'overflow')
    leaving.abort()
    await watching
  })

  it('comes back when its place is lost, however long there is none', async () => {
    const watching = watch()
    const { result } = await stands(1)
    await heard('watching')
    refusals = [new AgentLostError('gone'), new errors.PROJECT_BUSY()]
    result.reject(new AgentLostError('gone'))
    await stands(2)
    await heard('watching', 'overflow')
    leaving.abort()
    await watching
  })

  it.each<[string, unknown, string]>([
    ['the host watches all it can', new AgentOperationError(ErrorCode.WATCH_LIMIT, 'ENOSPC'), 'WATCH_LIMIT'],
    ['there is no place', new AgentLostError('gone'), 'FILES_INTERRUPTED'],
    ['there is no such directory', new AgentOperationError(ErrorCode.NOT_FOUND, 'no such file'), 'FILE_NOT_FOUND']
  ])('that never stood is refused when %s', async (_, error, code) => {
    const watching = watch()
    const { result } = await waitFor('the watch', () => opened[0])
    result.reject(error)
    await expect(watching).rejects.toMatchObject({ code })
  })

  it('ends when the project is gone', async () => {
    const watching = watch()
    const { result } = await stands(1)
    await heard('watching')
    refusals = [new errors.PROJECT_NOT_FOUND()]
    result.reject(new AgentLostError('gone'))
    await expect(watching).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' })
  })

  it('is not opened again for a client that has left', async () => {
    const watching = watch()
    await stands(1)
    await heard('watching')
    leaving.abort()
    await watching
    expect(opened).toHaveLength(1)
  })
})
