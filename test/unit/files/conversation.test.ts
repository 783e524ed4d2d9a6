import { beforeEach, describe, expect, it } from 'vitest'
import { errors } from '../../../src/errors.ts'
import { createDeferred } from '../../../src/lib/deferred.ts'
import type { Connection } from '../../../src/sockets/connection.ts'
import type { Workspace } from '../../../src/projects/workspace/workspace.ts'
import type { FileService } from '../../../src/projects/files/service.ts'
import { createViewers } from '../../../src/projects/workspace/viewers.ts'
import { converse } from '../../../src/projects/files/socket/conversation.ts'

/** A client whose messages a test has written down. */
function createScriptedConnection (frames: string[]) {
  const closed = new AbortController()
  const said: Array<Record<string, unknown>> = []
  const complaints: unknown[] = []
  let refusal: unknown
  const connection: Connection = {
    closed: closed.signal,
    read: async () => {
      await new Promise(setImmediate)
      return frames.shift()
    },
    send: async (message) => void said.push(message as Record<string, unknown>),
    sendText: async (text) => void said.push(JSON.parse(text) as Record<string, unknown>),
    sendError: (error) => void complaints.push(error),
    refuse: (error) => {
      refusal = error
      closed.abort()
    },
    end: () => closed.abort()
  }
  return { connection, said, complaints, refusal: () => refusal }
}

let failures: unknown[]
let stat: FileService['stat']
beforeEach(() => {
  failures = []
  stat = async (_projectId, path) => ({ path: Buffer.from(path), type: 'file', mode: 0o644, size: 1, mtimeNs: 1n, inode: 1n })
})

async function talk (...frames: unknown[]) {
  return await talkAs(true, ...frames)
}

async function talkAs (mayEdit: boolean, ...frames: unknown[]) {
  const client = createScriptedConnection(frames.map((frame) => typeof frame === 'string' ? frame : JSON.stringify(frame)))
  await converse(client.connection, {
    projectId: 'p',
    mayEdit,
    files: { stat: async (...given: Parameters<typeof stat>) => await stat(...given) } as FileService,
    workspace: { withAgent: async () => await Promise.reject(new errors.PROJECT_NOT_FOUND()) } as unknown as Workspace,
    log: { error: (fields: object) => void failures.push(fields) } as never
  })
  await new Promise(setImmediate)
  return client
}

describe('a conversation about files', () => {
  it('answers requests by their ids, which may be numbers', async () => {
    const { said } = await talk({ id: 1, op: 'stat', path: 'a' }, { id: 'two', op: 'stat', path: 'b' })
    expect(said[0]).toEqual({ type: 'connected', project: 'p' })
    expect(said.slice(1)).toEqual([
      { id: 1, ok: true, entry: expect.objectContaining({ path: 'a' }) },
      { id: 'two', ok: true, entry: expect.objectContaining({ path: 'b' }) }
    ])
  })

  it.each(['', 'nonsense', '[]', 'null', '{}', '{"type":"shout"}', '{"op":"stat"}', '{"op":"stat","id":{}}', '{"type":"watch"}'])('complains of %j and goes on', async (text) => {
    const { complaints, said } = await talk(text, { id: 1, op: 'stat', path: 'a' })
    expect(complaints).toEqual([expect.objectContaining({ code: 'BAD_MESSAGE' })])
    expect(said).toContainEqual(expect.objectContaining({ id: 1, ok: true }))
  })

  it('lets whoever may only look do so, and change nothing', async () => {
    const { said } = await talkAs(false,
      { id: 1, op: 'stat', path: 'a' }, { id: 2, op: 'write', path: 'a', content: '' }, { id: 3, op: 'mkdir', path: 'b' },
      { id: 4, op: 'move', path: 'a', to: 'b' }, { id: 5, op: 'copy', path: 'a', to: 'b' }, { id: 6, op: 'delete', path: 'a' })
    expect(said).toContainEqual(expect.objectContaining({ id: 1, ok: true }))
    expect(said.filter(({ code }) => code === 'VIEW_ONLY').map(({ id }) => id)).toEqual([2, 3, 4, 5, 6])
  })

  it('says what a request was refused for, and logs what is our fault', async () => {
    stat = async () => await Promise.reject(new Error('secret'))
    const { said } = await talk({ id: 1, op: 'stat', path: 'a' })
    expect(said[1]).toMatchObject({ id: 1, ok: false, code: 'INTERNAL_ERROR' })
    expect(JSON.stringify(said)).not.toContain('secret')
    expect(failures).toEqual([expect.objectContaining({ err: expect.objectContaining({ message: 'secret' }) })])
  })

  it('carries the etag of what is in the way', async () => {
    stat = async () => await Promise.reject(Object.assign(new errors.PRECONDITION_FAILED('a'), { etag: '"1"' }))
    expect((await talk({ id: 1, op: 'stat', path: 'a' })).said[1]).toMatchObject({ ok: false, code: 'PRECONDITION_FAILED', etag: '"1"' })
  })

  it('ends when the project is gone, for whoever asks and whoever watches', async () => {
    stat = async () => await Promise.reject(new errors.PROJECT_NOT_FOUND())
    for (const message of [{ id: 1, op: 'stat', path: 'a' }, { type: 'watch', path: '/' }]) {
      expect((await talk(message)).refusal()).toMatchObject({ code: 'PROJECT_NOT_FOUND' })
    }
  })

  it('reads no more than sixteen requests ahead', async () => {
    const end = createDeferred<void>()
    let asked = 0
    const answered = stat
    stat = async (...given) => {
      asked++
      await end.promise
      return await answered(...given)
    }
    const talking = talk(...Array.from({ length: 40 }, (_, id) => ({ id, op: 'stat', path: 'a' })))
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
    expect(asked).toBe(16)
    end.resolve()
    expect((await talking).said).toHaveLength(41)
  })
})

describe('those who are connected to a project', () => {
  const progress = (percent: number) => ({ type: 'progress', operation: 'clone', stage: 'receiving', percent, message: '' }) as const

  it('hear its news, unless they are behind or have left', async () => {
    const viewers = createViewers()
    const [here, slow, left] = [createScriptedConnection([]), createScriptedConnection([]), createScriptedConnection([])]
    const flushed = createDeferred<void>()
    const slowSend = slow.connection.send
    viewers.join('p', here.connection)
    viewers.join('p', { ...slow.connection, send: async (message) => { await Promise.all([slowSend(message), flushed.promise]) } })
    viewers.join('p', left.connection)()
    viewers.announce('p', progress(1))
    await new Promise(setImmediate)
    viewers.announce('p', progress(2))
    viewers.announce('other', progress(3))
    expect(here.said).toEqual([progress(1), progress(2)])
    expect(slow.said).toEqual([progress(1)])
    expect(left.said).toEqual([])
  })

  it('are closed together, and not too many', () => {
    const viewers = createViewers()
    const clients = Array.from({ length: 64 }, () => createScriptedConnection([]))
    for (const { connection } of clients) viewers.join('p', connection)
    expect(() => viewers.join('p', createScriptedConnection([]).connection)).toThrow('Too much')
    viewers.dismiss('p', new errors.PROJECT_NOT_FOUND())
    expect(clients.every(({ refusal }) => refusal() instanceof errors.PROJECT_NOT_FOUND)).toBe(true)
  })
})
