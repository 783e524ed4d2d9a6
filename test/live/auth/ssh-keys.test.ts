import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SshKey } from '../../../src/auth/ssh-keys/schemas.ts'
import { auditEvents, sshKeys } from '../../../src/db/schema/index.ts'
import { makeSshKey, makeSshKeyPair } from '../../support/ssh-key.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createClient, signUp, withKey } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

interface KeyPage {
  sshKeys: SshKey[]
  nextCursor: string | null
}

let berth: Berth
beforeAll(async () => { berth = await startBerth({ RATE_LIMIT_SIGNIN: 'off' }, { catalogue: noLanguages }) })
afterAll(async () => await berth.stop())

describe('keys for SSH', () => {
  it('are added, listed and deleted, and the audit log has it', async () => {
    const user = await signUp(berth.origin)
    const { status, body: key } = await user.call<SshKey>('POST', '/auth/ssh-keys', { key: makeSshKey() })
    expect([status, key]).toEqual([201, { id: expect.any(String), name: 'test', type: 'ssh-ed25519', fingerprint: expect.stringMatching(/^SHA256:[\w+/]{43}$/), createdAt: expect.any(String), lastUsedAt: null }])
    const named = await user.call<SshKey>('POST', '/auth/ssh-keys', { key: makeSshKey(), name: 'my laptop' })
    expect((await user.call<KeyPage>('GET', '/auth/ssh-keys')).body).toEqual({ sshKeys: [named.body, key], nextCursor: null })
    const first = await user.call<KeyPage>('GET', '/auth/ssh-keys?limit=1')
    expect((await user.call<KeyPage>('GET', `/auth/ssh-keys?limit=1&cursor=${first.body.nextCursor}`)).body.sshKeys).toEqual([key])
    expect((await user.call('DELETE', `/auth/ssh-keys/${key.id}`)).status).toBe(204)
    expect((await user.call('DELETE', `/auth/ssh-keys/${key.id}`)).body.code).toBe('SSH_KEY_NOT_FOUND')
    await waitFor('the audit log', async () => {
      const events = await berth.app.db.select().from(auditEvents).where(eq(auditEvents.subject, key.id))
      return events.map(({ action }) => action).sort().join() === 'ssh-key.create,ssh-key.delete'
    })
  })

  it('are one person\'s, once', async () => {
    const [user, other] = [await signUp(berth.origin), await signUp(berth.origin)]
    const key = makeSshKey()
    const { body: { id } } = await user.call<SshKey>('POST', '/auth/ssh-keys', { key })
    expect((await user.call('POST', '/auth/ssh-keys', { key: `${key.trim()} under another name` })).body.code).toBe('SSH_KEY_TAKEN')
    expect((await other.call('POST', '/auth/ssh-keys', { key })).body.code).toBe('SSH_KEY_TAKEN')
    expect((await other.call('DELETE', `/auth/ssh-keys/${id}`)).body.code).toBe('SSH_KEY_NOT_FOUND')
    expect((await other.call<KeyPage>('GET', '/auth/ssh-keys')).body.sshKeys).toEqual([])
  })

  it('are refused with what is wrong', async () => {
    const user = await signUp(berth.origin)
    const post = async (body: unknown) => (await user.call('POST', '/auth/ssh-keys', body)).body
    expect(await post({ key: makeSshKeyPair().private })).toMatchObject({ code: 'BAD_SSH_KEY', message: expect.stringContaining('private key') })
    expect(await post({ key: 'ssh-rsa AAAA' })).toMatchObject({ code: 'BAD_SSH_KEY' })
    for (const body of [{}, { key: '' }, { key: 7 }, { key: 'a'.repeat(20_000) }, { key: makeSshKey(), name: '' }, { key: makeSshKey(), name: 'a\nb' }, { key: makeSshKey(), more: 1 }]) {
      expect((await post(body)).statusCode, JSON.stringify(body)).toBe(400)
    }
    expect((await user.call('DELETE', '/auth/ssh-keys/7')).status).toBe(400)
    expect((await createClient(berth.origin).call('POST', '/auth/ssh-keys', { key: makeSshKey() })).body.code).toBe('UNAUTHENTICATED')
  })

  it('are at most fifty, also when they are added at once', async () => {
    const user = await signUp(berth.origin)
    const statuses = await Promise.all(Array.from({ length: 53 }, async () => (await user.call('POST', '/auth/ssh-keys', { key: makeSshKey() })).status))
    expect([statuses.filter((status) => status === 201).length, statuses.filter((status) => status === 429).length]).toEqual([50, 3])
  })

  it('go with their account', async () => {
    const user = await signUp(berth.origin)
    const { body: { id } } = await user.call<SshKey>('POST', '/auth/ssh-keys', { key: makeSshKey() })
    expect((await withKey(berth.origin, berth.key).call('DELETE', `/api/users/${user.user.id}`)).status).toBe(204)
    expect(await berth.app.db.select().from(sshKeys).where(eq(sshKeys.id, id))).toEqual([])
  })
})
