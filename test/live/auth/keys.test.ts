import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eq } from 'drizzle-orm'
import type { Key } from '../../../src/auth/keys/schemas.ts'
import { apiKeys } from '../../../src/db/schema/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createClient, signUp, withKey, type SignedUp } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

interface CreatedKey extends Key {
  key: string
}

interface KeyPage {
  keys: Key[]
  nextCursor: string | null
}

let berth: Berth
let user: SignedUp
beforeAll(async () => {
  berth = await startBerth({ RATE_LIMIT_SIGNIN: 'off' }, { catalogue: noLanguages })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())

const createKey = async (body: Record<string, unknown> = { name: 'script' }): Promise<CreatedKey> => {
  const { status, body: key } = await user.call<CreatedKey>('POST', '/auth/keys', body)
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(key)}`)
  return key
}
const statusOf = async (key: string): Promise<number> => (await withKey(berth.origin, key).call('GET', '/auth/me')).status

describe('keys', () => {
  it('are shown once and stored as a hash', async () => {
    const { key, ...rest } = await createKey({ name: 'once' })
    expect(key).toMatch(/^brt_[\w-]{32}$/)
    expect(rest).toEqual({ id: expect.any(String), name: 'once', prefix: key.slice(0, 9), createdAt: expect.any(String), expiresAt: null })
    const listed = await user.call<KeyPage>('GET', '/auth/keys')
    expect(listed.body.keys[0]).toEqual({ ...rest, lastUsedAt: null, predefined: false })
    expect(JSON.stringify(listed.body)).not.toContain(key)
    const [row] = await berth.app.db.select().from(apiKeys).where(eq(apiKeys.id, rest.id))
    expect(JSON.stringify(row)).not.toContain(key.slice(9))
    expect(row?.hash.length).toBe(32)
  })

  it('are the same user as X-API-Key, as Bearer and by cookie', async () => {
    const { key } = await createKey()
    const ask = async (headers: Record<string, string>) => (await createClient(berth.origin, headers).call<{ user: object }>('GET', '/auth/me')).body.user
    expect(await ask({ 'X-API-Key': key })).toEqual(user.user)
    expect(await ask({ Authorization: `Bearer ${key}` })).toEqual(user.user)
    expect(await ask({ Authorization: `bearer  ${key}` })).toEqual(user.user)
    expect(await ask({ Cookie: user.cookie })).toEqual(user.user)
  })

  it('deleted are dead at once, also when they have just been used', async () => {
    const { id, key } = await createKey()
    expect(await statusOf(key)).toBe(200)
    expect((await user.call('DELETE', `/auth/keys/${id}`)).status).toBe(204)
    expect(await statusOf(key)).toBe(401)
    expect((await user.call('DELETE', `/auth/keys/${id}`)).body.code).toBe('KEY_NOT_FOUND')
  })

  it('can delete themselves', async () => {
    const { id, key } = await createKey()
    expect((await withKey(berth.origin, key).call('DELETE', `/auth/keys/${id}`)).status).toBe(204)
    expect(await statusOf(key)).toBe(401)
  })

  it('expire', async () => {
    const { key } = await createKey({ name: 'brief', expiresAt: new Date(Date.now() + 500).toISOString() })
    expect(await statusOf(key)).toBe(200)
    await waitFor('the key to expire', async () => await statusOf(key) === 401)
  })

  it('say when they were last used', async () => {
    const { id, key } = await createKey()
    const before = Date.now()
    await statusOf(key)
    const usedAt = await waitFor('the use to be written', async () => {
      const { body } = await user.call<KeyPage>('GET', '/auth/keys')
      return body.keys.find((listed) => listed.id === id)?.lastUsedAt ?? undefined
    })
    expect(Date.parse(usedAt)).toBeGreaterThanOrEqual(before)
  })

  it('of others are not there', async () => {
    const other = await signUp(berth.origin)
    const { id, key } = await createKey()
    expect(await other.call('DELETE', `/auth/keys/${id}`)).toMatchObject({ status: 404, body: { code: 'KEY_NOT_FOUND' } })
    expect((await other.call<KeyPage>('GET', '/auth/keys')).body.keys).toEqual([])
    expect(await statusOf(key)).toBe(200)
  })

  it('given by the configuration are not deleted, and are listed as such', async () => {
    const admin = withKey(berth.origin, berth.key)
    const predefined = (await admin.call<KeyPage>('GET', '/auth/keys')).body.keys.find((key) => key.predefined)
    expect(predefined?.name).toBe('predefined')
    expect(await admin.call('DELETE', `/auth/keys/${predefined?.id}`)).toMatchObject({ status: 409, body: { code: 'KEY_PREDEFINED' } })
  })

  it('are listed newest first, a page at a time', async () => {
    const owner = await signUp(berth.origin)
    for (let n = 0; n < 5; n++) await owner.call('POST', '/auth/keys', { name: `key ${n}` })
    const names: string[] = []
    let cursor: string | null = null
    do {
      const { body }: { body: KeyPage } = await owner.call<KeyPage>('GET', `/auth/keys?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`)
      expect(body.keys.length).toBeLessThanOrEqual(2)
      names.push(...body.keys.map(({ name }) => name))
      cursor = body.nextCursor
    } while (cursor !== null)
    expect(names).toEqual(['key 4', 'key 3', 'key 2', 'key 1', 'key 0'])
  })

  it.each<[string, string, string, unknown, string]>([
    ['no name', 'POST', '/auth/keys', {}, 'VALIDATION_FAILED'],
    ['a name of another type', 'POST', '/auth/keys', { name: 7 }, 'VALIDATION_FAILED'],
    ['a name of 1 MB', 'POST', '/auth/keys', { name: 'n'.repeat(1_000_000) }, 'VALIDATION_FAILED'],
    ['an expiry that is no time', 'POST', '/auth/keys', { name: 'n', expiresAt: 'tomorrow' }, 'VALIDATION_FAILED'],
    ['an expiry in the past', 'POST', '/auth/keys', { name: 'n', expiresAt: '2020-01-01T00:00:00Z' }, 'BAD_REQUEST'],
    ['an expiry in a leap second', 'POST', '/auth/keys', { name: 'n', expiresAt: '2029-12-31T23:59:60Z' }, 'BAD_REQUEST'],
    ['an id that is none', 'DELETE', '/auth/keys/1%27%20or%201=1', undefined, 'VALIDATION_FAILED'],
    ['a cursor that is none', 'GET', '/auth/keys?cursor=Jw', undefined, 'BAD_REQUEST'],
    ['a limit of 1e9', 'GET', '/auth/keys?limit=1000000000', undefined, 'VALIDATION_FAILED'],
    ['a parameter that does not exist', 'GET', '/auth/keys?all=1', undefined, 'VALIDATION_FAILED']
  ])('%s is refused with 400', async (_name, method, path, body, code) => {
    const count = await berth.app.db.$count(apiKeys)
    expect(await user.call(method, path, body)).toMatchObject({ status: 400, body: { code } })
    expect(await berth.app.db.$count(apiKeys)).toBe(count)
  })
})
