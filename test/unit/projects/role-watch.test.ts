import { beforeEach, describe, expect, it } from 'vitest'
import type { ChannelListener } from '../../../src/db/notifications.ts'
import type { Database } from '../../../src/db/open.ts'
import { createRoleWatch, type RoleWatch } from '../../../src/projects/core/role-watch.ts'
import type { ProjectRole } from '../../../src/projects/core/roles.ts'

let role: ProjectRole | null
let failure: Error | undefined
let listener: ChannelListener
let failures: unknown[]
let watch: RoleWatch['watch']
let told: Error[]

beforeEach(() => {
  role = 'editor'
  failure = undefined
  failures = []
  told = []
  ;({ watch } = createRoleWatch({
    db: {} as Database,
    roleOf: async () => failure === undefined ? role : await Promise.reject(failure),
    notifications: { subscribe: (_channel, given) => { listener = given } },
    onError: (error) => void failures.push(error)
  }))
})

const part = { userId: 'u', projectId: 'p' }
const begin = (as: ProjectRole = 'editor') => watch({ ...part, role: as }, (reason) => void told.push(reason))
const settled = async (): Promise<void> => await new Promise(setImmediate)

describe('whoever watches a role', () => {
  it.each<[ProjectRole | null, string]>([[null, 'PROJECT_NOT_FOUND'], ['viewer', 'ROLE_CHANGED']])('is told once when it is %s', async (changed, code) => {
    begin()
    await settled()
    expect(told).toEqual([])
    role = changed
    listener.onMessage('p/u')
    listener.onMessage('p/u')
    await settled()
    expect(told).toEqual([expect.objectContaining({ code })])
  })

  it('is told when it had changed before somebody watched', async () => {
    role = null
    begin()
    await settled()
    expect(told).toHaveLength(1)
  })

  it('is not told of what is not theirs, of what is the same, or after they have left', async () => {
    const stop = begin()
    await settled()
    listener.onMessage('p/u')
    await settled()
    role = null
    listener.onMessage('p/somebody')
    await settled()
    stop()
    listener.onMessage('p/u')
    await settled()
    expect(told).toEqual([])
  })

  it('is told of what was missed while nobody listened', async () => {
    begin()
    await settled()
    role = null
    await listener.onListening()
    expect(told).toHaveLength(1)
  })

  it('has to come again where it cannot be looked up', async () => {
    begin()
    await settled()
    failure = new Error('no database')
    listener.onMessage('p/u')
    await settled()
    expect(told).toEqual([expect.objectContaining({ code: 'ROLE_CHANGED' })])
    expect(failures).toEqual([failure])
  })

  it('is told as an owner when the project is somebody else\'s, and asks for it no sooner', async () => {
    begin('owner')
    await settled()
    expect(told).toEqual([])
    listener.onMessage('p/u')
    await settled()
    expect(told).toEqual([expect.objectContaining({ code: 'ROLE_CHANGED' })])
  })
})
