import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signUp, userWithKey, type User } from '../projects/user.ts'
import { startBerth, type Berth } from '../support/berth.ts'

interface Usage { since: string, until: string, runs: number, cpuSeconds: number, projects: number, projectsRunning: number, snapshotBytes: number, code: string }

let berth: Berth
let user: User
beforeAll(async () => {
  berth = await startBerth({ RUNTIMES: 'python' })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())

const usage = async (query = '', by = user): Promise<Usage> => (await by.call<Usage>('GET', `/auth/me/usage${query}`)).body

describe('usage', () => {
  it('is what somebody has run, and has', async () => {
    expect(await usage()).toMatchObject({ runs: 0, cpuSeconds: 0, projects: 0, projectsRunning: 0, snapshotBytes: 0 })
    const before = new Date().toISOString()
    for (const code of ['sum(range(10_000_000))', '1']) await user.call('POST', '/api/execute', { language: 'python', code })
    const { id } = await user.createProject({ files: [{ path: 'file', content: 'x'.repeat(10_000) }] })
    await user.start(id)
    await user.call('POST', `/projects/${id}/snapshots`, {})
    await expect.poll(async () => (await usage()).runs).toBe(2)
    const { cpuSeconds, projects, projectsRunning, snapshotBytes } = await usage()
    expect([projects, projectsRunning, snapshotBytes > 0, cpuSeconds > 0.02 && cpuSeconds < 10]).toEqual([1, 1, true, true])
    expect(await usage(`?until=${before}`)).toMatchObject({ runs: 0, until: before })
    expect((await usage(`?since=${before}`)).runs).toBe(2)
    await user.remove(id)
    expect(await usage()).toMatchObject({ projects: 0, projectsRunning: 0, snapshotBytes: 0, runs: 2 })
  })

  it('of everybody is for administrators', async () => {
    const admin = userWithKey(berth.origin, berth.key)
    const { body } = await admin.call<{ users: Array<Usage & { id: string }>, nextCursor: string | null }>('GET', '/api/usage?limit=1')
    expect([body.users.length, body.users[0]?.runs]).toEqual([1, 2])
    expect((await admin.call<{ users: unknown[] }>('GET', `/api/usage?cursor=${body.nextCursor}`)).body.users).toHaveLength(1)
    expect((await user.call<{ code: string }>('GET', '/api/usage')).body.code).toBe('ADMIN_ONLY')
  })

  it.each(['?since=yesterday', '?until=2016-12-31T23:59:60Z', '?days=3'])('is not asked for by %s', async (query) => {
    expect((await usage(query)).code).toMatch(/^(VALIDATION_FAILED|BAD_REQUEST)$/)
  })
})
