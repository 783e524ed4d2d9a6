import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Project } from '../../../src/projects/core/schemas.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { signUp, type User } from './user.ts'

const MIB = 1024 ** 2

let berth: Berth
const made: Array<{ user: User, id: string }> = []

// Room for four: two of one owner, and the last one for whoever has none. Nothing else stops what is idle for an hour.
beforeAll(async () => { berth = await startProjectsBerth({ PROJECT_MEMORY: '128m', PROJECT_MEMORY_TOTAL: '512m', SNAPSHOT_INTERVAL: 'off', IDLE_TIMEOUT: '1d' }) })
afterEach(async () => { for (const { user, id } of made.splice(0)) await user.remove(id) })
afterAll(async () => await berth.stop())

async function projectsOf (user: User, count: number): Promise<string[]> {
  const ids = await Promise.all(Array.from({ length: count }, async () => (await user.createProject()).id))
  made.push(...ids.map((id) => ({ user, id })))
  return ids
}

/** As if nothing had been done in it for an hour. */
async function leaveIdle (id: string): Promise<void> {
  await berth.app.db.execute(sql`update projects set last_active_at = now() - interval '1 hour' where id = ${id}`)
}

describe('memory for running projects', () => {
  it('is for no owner alone, however many starts come at once', async () => {
    const user = await signUp(berth.origin)
    const answers = await Promise.all((await projectsOf(user, 4)).map(async (id) => await user.call('POST', `/projects/${id}/start`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429])
    expect(answers.find(({ status }) => status === 429)?.body).toMatchObject({ code: 'RUNNING_QUOTA', message: expect.stringMatching(/268435456 bytes of memory together.*Stop another one/) })
  })

  it('is kept in part for owners of whom nothing runs, and never given away twice', async () => {
    const [first, second, third, late] = await Promise.all([signUp(berth.origin), signUp(berth.origin), signUp(berth.origin), signUp(berth.origin)])
    for (const id of await projectsOf(first, 2)) await first.start(id)
    const [ofSecond, more] = await projectsOf(second, 2)
    await second.start(ofSecond!)
    expect(await second.call('POST', `/projects/${more!}/start`)).toMatchObject({ status: 503, body: { code: 'HOST_FULL' } })
    const [ofThird] = await projectsOf(third, 1)
    await third.start(ofThird!)
    const [ofLate] = await projectsOf(late, 1)
    const refused = await late.send('POST', `/projects/${ofLate!}/exec`, { cmd: 'true' })
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).not.toBeNull()
    expect(await late.status(ofLate!)).toMatchObject({ status: 'stopped', error: null })
    await third.stop(ofThird!)
    expect(await late.exec(ofLate!, 'echo in')).toMatchObject({ output: 'in\n' })
  })

  it('is made by stopping the owner\'s own project that has been idle longest, never one in use or of another', async () => {
    const [user, other] = await Promise.all([signUp(berth.origin), signUp(berth.origin)])
    const [idle, used, wanted] = await projectsOf(user, 3)
    const [foreign] = await projectsOf(other, 1)
    await other.start(foreign!)
    await leaveIdle(foreign!)
    await user.start(used!)
    await user.start(idle!)
    expect(await user.call('POST', `/projects/${wanted!}/start`)).toMatchObject({ status: 429 })
    await leaveIdle(idle!)
    expect(await user.start(wanted!)).toMatchObject({ status: 'running' })
    expect(await Promise.all([user.status(idle!), user.status(used!), other.status(foreign!)])).toMatchObject([{ status: 'stopped' }, { status: 'running' }, { status: 'running' }])
  })

  it('is what a language needs, where the operator has not said what all have and there is room', async () => {
    const roomy = await startProjectsBerth({ PROJECT_MEMORY_TOTAL: '8g', PROJECT_MEMORY_MAX: '1g' })
    try {
      const user = await signUp(roomy.origin)
      const memory = async (body: object) => (await user.call<Project>('POST', '/projects', { name: 'p', ...body })).body.memory
      expect(await memory({ runtime: 'python' })).toBe(1024 * MIB)
      expect(await memory({ template: 'flask' })).toBe(1024 * MIB)
      expect(await memory({ runtime: 'python', memory: 256 * MIB })).toBe(256 * MIB)
      expect(await memory({ runtime: 'sqlite' })).toBe(512 * MIB)
    } finally {
      await roomy.stop()
    }
    const user = await signUp(berth.origin)
    expect((await user.call<Project>('POST', '/projects', { name: 'p', runtime: 'python' })).body.memory).toBe(128 * MIB)
  })

  it('is what a project has chosen, and counts as that', async () => {
    const user = await signUp(berth.origin)
    const make = async (resources: object) => await user.call<Project & { code: string }>('POST', '/projects', { name: 'p', runtime: 'python', ...resources })
    const { body: large } = await make({ memory: 256 * MIB, cpus: 0.5 })
    const [usual] = await projectsOf(user, 1)
    made.push({ user, id: large.id })
    expect([large.memory, large.cpus]).toEqual([256 * MIB, 0.5])
    const limits = async () => {
      const { containerId } = await user.status(large.id)
      const { HostConfig } = await berth.app.docker.containers.inspect(containerId ?? '') as unknown as { HostConfig: { Memory: number, NanoCpus: number } }
      return [HostConfig.Memory, HostConfig.NanoCpus]
    }
    await user.start(large.id)
    expect(await limits()).toEqual([256 * MIB, 0.5e9])
    expect(await user.call('POST', `/projects/${usual!}/start`)).toMatchObject({ status: 429, body: { code: 'RUNNING_QUOTA' } })
    expect((await user.call<Project>('PATCH', `/projects/${large.id}`, { memory: 64 * MIB, cpus: 1 })).body).toMatchObject({ memory: 64 * MIB, cpus: 1 })
    await user.call('POST', `/projects/${large.id}/restart`)
    expect(await limits()).toEqual([64 * MIB, 1e9])
    expect(await user.start(usual!)).toMatchObject({ status: 'running' })
  })

  it.each([
    [{ memory: 513 * MIB }, 'BAD_LIMIT'], [{ cpus: 1.5 }, 'BAD_LIMIT'], [{ memory: MIB }, 'VALIDATION_FAILED'], [{ cpus: 0 }, 'VALIDATION_FAILED'],
    [{ memory: '1g' }, 'VALIDATION_FAILED'], [{ memory: 2 ** 60 }, 'BAD_LIMIT']
  ])('is not chosen as %j', async (resources, code) => {
    const user = await signUp(berth.origin)
    expect((await user.call<{ code: string }>('POST', '/projects', { name: 'p', runtime: 'python', ...resources })).body.code).toBe(code)
    const [id] = await projectsOf(user, 1)
    expect((await user.call<{ code: string }>('PATCH', `/projects/${id!}`, resources)).body.code).toBe(code)
  })
})
