import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assignments, auditEvents, executionSessions, projectGitCredentials, projectMembers, projects, projectServices, projectVariables, snapshots, userIdentities } from '../../../src/db/schema/index.ts'
import { makeSshKey } from '../../support/ssh-key.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createClient, PASSWORD, signUp, type SignedUp } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

type Rows = Array<Record<string, unknown>>
interface Export { user: Record<string, unknown>, identities: Rows, keys: Rows, sshKeys: Rows, sessions: Rows, projects: Rows, memberships: Rows, assignments: Rows, snapshots: Rows, runs: Rows, audit: Rows, code: string }

let berth: Berth
beforeAll(async () => { berth = await startBerth({ RATE_LIMIT_SIGNIN: 'off' }, { catalogue: noLanguages }) })
afterAll(async () => await berth.stop())

const ask = async (user: SignedUp) => await user.call<Export>('GET', '/auth/me/export')
const run = (userId: string) => ({ userId, language: 'python', version: '3.13', status: 'completed' as const, exitCode: 0, cpuTime: 9, instanceId: 'a test', bootId: userId, leaseExpiresAt: new Date(), finishedAt: new Date() })

describe('the export of an account', () => {
  it('has all that is kept of somebody, and nothing of anybody else', async () => {
    const [user, other] = [await signUp(berth.origin, { name: 'Ada' }), await signUp(berth.origin)]
    const { id } = user.user
    const { body: key } = await user.call<{ id: string, key: string }>('POST', '/auth/keys', { name: 'script' })
    await user.call('POST', '/auth/ssh-keys', { key: makeSshKey() })
    const { db } = berth.app
    for (const [userId, shared] of [[id, other.user.id], [other.user.id, id]] as const) {
      const [project] = await db.insert(projects).values({ userId, name: `of ${userId}`, runtime: 'python' }).returning()
      const projectId = project?.id ?? ''
      await db.insert(projectVariables).values([
        { projectId, name: 'MODE', isSecret: false, value: Buffer.from('grün') },
        { projectId, name: 'TOKEN', isSecret: true, value: Buffer.from('sealed bytes') }
      ])
      await db.insert(projectMembers).values({ projectId, userId: shared, role: 'viewer' })
      await db.insert(assignments).values({ teacherId: userId, name: `of ${userId}`, runtime: 'python', network: 'none', hash: createHash('sha256').update(userId).digest() })
      await db.insert(projectServices).values({ projectId, name: 'web', spec: { cmd: 'npm start' } })
      await db.insert(projectGitCredentials).values({ projectId, host: 'git.example', username: 'ada', password: Buffer.from('sealed password') })
      await db.insert(snapshots).values({ projectId, name: 'first', kind: 'manual', state: 'complete', objectKey: 'somewhere', checksum: Buffer.alloc(32), digest: Buffer.alloc(32), size: 7 })
      await db.insert(userIdentities).values({ userId, issuer: 'https://provider.example', subject: userId })
      await db.insert(executionSessions).values(run(userId))
      await db.insert(auditEvents).values({ userId, action: 'test.event', subject: projectId })
    }
    const { status, headers, body } = await ask(user)
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, 'application/json; charset=utf-8', 'no-store'])
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="berth-account\.json"/)
    expect(body.user).toMatchObject({ id, email: user.email, name: 'Ada', role: 'user' })
    expect(body.identities).toMatchObject([{ issuer: 'https://provider.example', subject: id }])
    expect(body.keys).toMatchObject([{ id: key.id, name: 'script' }])
    expect(body.sshKeys).toMatchObject([{ type: 'ssh-ed25519', fingerprint: expect.stringMatching(/^SHA256:[\w+/]{43}$/) }])
    expect(body.sessions).toMatchObject([{ ip: '127.0.0.1' }])
    expect(body.projects).toMatchObject([{ name: `of ${id}`, env: { MODE: 'grün' }, secrets: ['TOKEN'], repository: null, services: [{ name: 'web', spec: { cmd: 'npm start' } }], gitCredentials: [{ host: 'git.example', username: 'ada' }] }])
    expect(body.memberships).toMatchObject([{ role: 'viewer' }])
    expect(body.memberships[0]?.id).not.toBe(body.projects[0]?.id)
    expect(body.assignments).toMatchObject([{ name: `of ${id}`, closedAt: null }])
    expect(body.snapshots).toMatchObject([{ name: 'first', size: 7 }])
    expect(body.runs).toMatchObject([{ language: 'python', status: 'completed', cpuTime: 9 }])
    expect(body.audit.map(({ action }) => action)).toContain('test.event')
    const all = JSON.stringify(body)
    for (const secret of [PASSWORD, '$argon2', key.key, user.cookie.split('=')[1] ?? '', 'sealed bytes', 'sealed password', 'somewhere', other.user.id, other.email]) expect(all).not.toContain(secret)
  })

  it('is whole with more than fits on a page, each row once, and where there is nothing', async () => {
    const [user, empty] = [await signUp(berth.origin), await signUp(berth.origin)]
    await berth.app.db.insert(executionSessions).values(Array.from({ length: 1_001 }, () => run(user.user.id)))
    await berth.app.db.insert(auditEvents).values(Array.from({ length: 400 }, (_, n) => ({ userId: user.user.id, action: 'test.many', subject: String(n) })))
    const { body } = await ask(user)
    expect([new Set(body.runs.map(({ id }) => id)).size, body.runs.length]).toEqual([1_001, 1_001])
    expect(new Set(body.audit.filter(({ action }) => action === 'test.many').map(({ subject }) => subject)).size).toBe(400)
    expect((await ask(empty)).body).toMatchObject({ identities: [], keys: [], projects: [], snapshots: [], runs: [] })
  })

  it('ends with whoever reads it, and the server goes on', async () => {
    const user = await signUp(berth.origin)
    await berth.app.db.insert(executionSessions).values(Array.from({ length: 2_000 }, () => run(user.user.id)))
    const sent = request(`${berth.origin}/auth/me/export`, { headers: { Cookie: user.cookie } }).end()
    const [response] = await once(sent, 'response') as [NodeJS.ReadableStream & { destroy: () => void }]
    response.destroy()
    expect((await ask(user)).body.runs).toHaveLength(2_000)
  })

  it('is for whoever is signed in, a few times an hour', async () => {
    expect((await createClient(berth.origin).call('GET', '/auth/me/export')).body.code).toBe('UNAUTHENTICATED')
    const user = await signUp(berth.origin)
    for (let n = 0; n < 10; n++) expect((await ask(user)).status).toBe(200)
    expect((await ask(user)).body.code).toBe('RATE_LIMITED')
    expect((await user.call('GET', '/auth/me')).status).toBe(200)
  })
})
