import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEverything } from '../preview/running-app.ts'
import { createVisitor, type Visitor } from '../preview/visitor.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { createPerson, join, type Person } from './people.ts'

let berth: Berth
let owner: Person
let member: Person
let id: string
let visitor: Visitor
beforeAll(async () => {
  berth = await startProjectsBerth()
  ;[owner, member] = await Promise.all([createPerson(berth.origin), createPerson(berth.origin)])
  ;({ id } = await startEverything(berth, owner, [[3000, '0.0.0.0']]))
  visitor = createVisitor(berth, id, 3000, { 'x-api-key': member.key })
})
afterAll(async () => {
  await owner.remove(id)
  await berth.stop()
})

describe('a private preview', () => {
  it('is shown to whoever has a part in the project, for as long as they have', async () => {
    expect((await visitor.visit('/echo')).status).toBe(404)
    await join(owner, id, member, 'viewer')
    expect((await visitor.visit('/echo')).status).toBe(200)
    const socket = visitor.socket('/socket', { origin: visitor.origin })
    await once(socket, 'open')
    const closed = once(socket, 'close')
    await owner.call('DELETE', `/projects/${id}/members/${member.id}`)
    await closed
    expect((await visitor.visit('/echo')).status).toBe(404)
  })

  it('of a project that does not run is started by an editor, and not by a viewer', async () => {
    await owner.stop(id)
    await join(owner, id, member, 'viewer')
    const start = async () => (await visitor.visit('/.berth/start', { method: 'POST' })).status
    expect(await start()).toBe(503)
    expect((await owner.status(id)).status).toBe('stopped')
    await owner.call('PATCH', `/projects/${id}/members/${member.id}`, { role: 'editor' })
    expect(await start()).toBe(303)
    expect((await owner.status(id)).status).toBe('running')
  })
})
