import { expect, it } from 'vitest'
import { createEngineSpace } from '../../../src/disk/engine-space.ts'
import { createDeferred } from '../../../src/lib/deferred.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'

it('is closed when every sandbox of its own is removed, also one that was given up before', async () => {
  const removed = createDeferred<void>()
  let removals = 0
  const lost = Promise.resolve(new Error('the container has ended'))
  const agent = { lost, open: () => { throw new Error('lost') } } as unknown as AgentConnection
  const errors: unknown[] = []
  const space = createEngineSpace({
    onError: (error) => { errors.push(error) },
    start: async () => ({
      id: 'c',
      agent,
      remove: async () => {
        removals++
        await removed.promise
      }
    })
  })
  expect(await space.read()).toBeUndefined()
  expect(errors).toHaveLength(1)
  let isClosed = false
  const closing = space.close().then(() => { isClosed = true })
  await new Promise(setImmediate)
  expect([removals, isClosed]).toEqual([1, false])
  removed.resolve()
  await closing
  expect(removals).toBe(1)
})
