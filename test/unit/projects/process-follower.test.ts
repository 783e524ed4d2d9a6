import { describe, expect, it, vi } from 'vitest'
import { createProcessFollower, type ProcessFollowerOptions } from '../../../src/projects/processes/events/follower.ts'
import { AgentLostError, AgentOperationError } from '../../../src/sandbox/agent-client/errors.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { EventKind, ErrorCode } from '../../../src/sandbox/agent-protocol.ts'
import { createFieldWriter } from '../../../src/sandbox/agent-protocol/fields.ts'
import { createDeferred } from '../../../src/lib/deferred.ts'
import { NotRunningError } from '../../../src/sandbox/project-agent.ts'

/** As PID 1 tells it: one that runs, or has ended with a code. */
function encodeChange (number: number, id: string, exitCode?: number): Buffer {
  const entry = Buffer.alloc(65 + id.length)
  let at = entry.writeUInt8(1)
  at = entry.writeUInt8(id.length, at)
  at += entry.write(id, at)
  at = entry.writeUInt16BE(0, at)
  at = entry.writeUInt8(exitCode === undefined ? 0 : 3, at)
  at = entry.writeUInt32BE(0, at)
  entry.writeUInt16BE(exitCode ?? 0xffff, at)
  const fields = createFieldWriter()
  fields.u64(1, number)
  fields.bytes(2, entry)
  return fields.concat(Buffer.of(EventKind.CHANGED))
}

/** One container, its PID 1, and the row that says who follows it. */
function createScene ({ serverId = 'me', follower = null as string | null, told = 0, living = new Set([serverId]) } = {}) {
  const row = { follower, told }
  const tellings: string[] = []
  const warnings: string[] = []
  const finds: string[] = []
  const connections: Array<{ after: number, say: (payload: Buffer) => void, lose: (error: Error) => void }> = []
  const state = { fingerprint: 'first', beforeTelling: async () => undefined as void, opens: async () => undefined as void }
  const options: ProcessFollowerOptions = {
    liveness: { serverId, look: async () => ({ has: (id) => living.has(id), fingerprint: state.fingerprint }) },
    inits: {
      async use (_container, work) {
        await state.opens()
        return await work({
          open (operation: Buffer, { onEvent }: { onEvent: (payload: Buffer) => void }) {
            const result = createDeferred<Buffer>()
            connections.push({ after: Number(operation.readBigUInt64BE(6)), say: onEvent, lose: result.reject })
            return { result: result.promise }
          }
        } as unknown as AgentConnection)
      }
    },
    repo: {
      async find (container) {
        finds.push(container)
        return { projectId: 'p', followerId: row.follower }
      },
      async claim (_container, claimant, previous) {
        if (row.follower !== previous) return undefined
        row.follower = claimant
        return row.told
      },
      async tell (_container, teller, change, data) {
        await state.beforeTelling()
        if (row.follower !== teller || row.told >= change) return false
        row.told = change
        const { projectId, action, process: { id, exitCode } } = data as { projectId: string, action: string, process: { id: string, exitCode: number | null } }
        tellings.push([change, projectId, action, id, exitCode ?? '-'].join(' '))
        return true
      },
      listFollowed: async () => row.follower === null ? [] : [{ containerId: 'c', followerId: row.follower }]
    },
    log: { warn: (_fields, message) => void warnings.push(message) }
  }
  const followers = createProcessFollower(options)
  return { ...followers, row, state, living, tellings, warnings, finds, connection: async (number = 0) => await vi.waitFor(() => connections[number] ?? Promise.reject(new Error('nobody has connected'))), connections }
}

describe('whoever follows the processes of a container', () => {
  it('tells of starts and ends in their order', async () => {
    const { ensure, connection, tellings } = createScene()
    await ensure('c')
    const { say } = await connection()
    say(encodeChange(1, 'a'))
    await vi.waitFor(() => expect(tellings).toHaveLength(1))
    say(encodeChange(2, 'b'))
    say(encodeChange(3, 'a', 7))
    await vi.waitFor(() => expect(tellings).toEqual(['1 p started a -', '2 p started b -', '3 p ended a 7']))
  })

  it('is one of all that ask for it at once', async () => {
    const { ensure, connection, connections } = createScene()
    await Promise.all([ensure('c'), ensure('c'), ensure('c')])
    await connection()
    expect(connections).toHaveLength(1)
  })

  it('is no server beside another that lives', async () => {
    const { ensure, row, connections } = createScene({ follower: 'other', living: new Set(['me', 'other']) })
    await ensure('c')
    expect([row.follower, connections.length]).toEqual(['other', 0])
  })

  it('is nobody that has to be asked for where another server was seen to', async () => {
    const { ensure, finds, connection } = createScene({ follower: 'other' })
    await ensure('c', 'other')
    expect(finds).toHaveLength(0)
    await ensure('c', 'me')
    expect(finds).toHaveLength(1)
    await connection()
  })

  it('goes on behind what a dead server has told, when that is found dead', async () => {
    const { sweep, living, state, row, connection, connections, tellings } = createScene({ follower: 'other', told: 4, living: new Set(['me', 'other']) })
    await sweep()
    expect(connections).toHaveLength(0)
    living.delete('other')
    await sweep()
    expect(connections).toHaveLength(0)
    state.fingerprint = 'second'
    await sweep()
    const { after, say } = await connection()
    expect([row.follower, after]).toEqual(['me', 4])
    say(encodeChange(5, 'a', 0))
    await vi.waitFor(() => expect(tellings).toEqual(['5 p ended a 0']))
  })

  it('tells again what could not be told, and says so', async () => {
    const { ensure, state, connection, tellings, warnings } = createScene()
    state.beforeTelling = async () => await Promise.reject(new Error('the database is away'))
    await ensure('c')
    const { say } = await connection()
    say(encodeChange(1, 'a'))
    await vi.waitFor(() => expect(warnings).toHaveLength(1))
    state.beforeTelling = async () => undefined
    const again = await vi.waitFor(async () => await connection(1), 5_000)
    expect(again.after).toBe(0)
    again.say(encodeChange(1, 'a'))
    await vi.waitFor(() => expect(tellings).toEqual(['1 p started a -']))
  })

  it('stops when another server has taken over', async () => {
    const { ensure, row, connection, connections, tellings } = createScene()
    await ensure('c')
    const { say } = await connection()
    row.follower = 'other'
    say(encodeChange(1, 'a'))
    await vi.waitFor(async () => {
      row.follower = null
      await ensure('c')
      expect(connections).toHaveLength(2)
    })
    expect(tellings).toEqual([])
  })

  it('tells the last that PID 1 has said, and follows no container that has ended', async () => {
    const { ensure, state, connection, tellings, warnings, close } = createScene()
    await ensure('c')
    const { say, lose } = await connection()
    state.opens = async () => await Promise.reject(new NotRunningError('it has ended'))
    say(encodeChange(1, 'a', 143))
    lose(new AgentLostError('gone'))
    await vi.waitFor(() => expect(tellings).toEqual(['1 p ended a 143']))
    await close()
    expect(warnings).toEqual([])
  })

  it('gives up on a PID 1 that is too old to tell', async () => {
    const { ensure, connection, connections, warnings } = createScene()
    await ensure('c')
    const { lose } = await connection()
    lose(new AgentOperationError(ErrorCode.BAD_REQUEST, 'unknown'))
    await vi.waitFor(async () => {
      await ensure('c')
      expect(connections).toHaveLength(2)
    })
    expect(warnings).toEqual([])
  })

  it('tells of a guest that starts more than can be told only the newest', async () => {
    const { ensure, state, connection, tellings } = createScene()
    const held = createDeferred<void>()
    state.beforeTelling = async () => await held.promise
    await ensure('c')
    const { say } = await connection()
    for (let number = 1; number <= 500; number++) say(encodeChange(number, `p${number}`))
    held.resolve()
    await vi.waitFor(() => expect(tellings.at(-1)).toBe('500 p started p500 -'), 30_000)
    expect(tellings.length).toBeLessThan(140)
  })
})
