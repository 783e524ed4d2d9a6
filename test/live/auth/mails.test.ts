import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { User } from '../../../src/auth/accounts/schemas.ts'
import { accountLinks, sshKeys as sshKeyTable, users } from '../../../src/db/schema/index.ts'
import { makeSshKey } from '../../support/ssh-key.ts'
import { linkIn, startMailServer, type MailServer } from '../../support/mail-server.ts'
import { startBerth, type Berth, type ErrorBody } from '../support/berth.ts'
import { createClient, PASSWORD, signUp, withKey, type Client } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

const OTHER = 'granite umbrella at dawn'
const PUBLIC_URL = 'https://berth.example.org'

let there: MailServer
let berth: Berth
let admin: Client
beforeAll(async () => {
  there = await startMailServer()
  berth = await startBerth({ RATE_LIMIT_SIGNIN: 'off', SIGNUP: 'open', PUBLIC_URL, ...there.env }, { catalogue: noLanguages })
  admin = withKey(berth.origin, berth.key)
})
afterAll(async () => {
  await berth.stop()
  await there.stop()
})

/** `Host` is a name that the server has, and not the one where people find it. */
const forget = async (email: unknown, origin = berth.origin) => await createClient(origin).call('POST', '/auth/password/forgot', { email })
const reset = async (link: string, password = OTHER) => await createClient(berth.origin).call<{ user: User, code: string }>('POST', '/auth/password/reset', { token: link.split('#')[1], password })
const status = async (client: Client): Promise<number> => (await client.call('GET', '/auth/me')).status

describe('a forgotten password', () => {
  it('is set by a link in a mail, once, that leads to where people find the server', async () => {
    const user = await signUp(berth.origin)
    expect(await forget(` ${user.email.toUpperCase()}`)).toMatchObject({ status: 202, body: {} })
    const mail = await there.mailTo(user.email)
    expect(mail).toMatchObject({ from: 'berth@example.org', to: [user.email] })
    expect(mail.head).toMatch(/^Subject: A new password for Berth$/m)
    const link = linkIn(mail)
    expect(link).toMatch(/^https:\/\/berth\.example\.org\/reset#[\w-]{43}$/)
    expect((await reset(link)).body.user.id).toBe(user.user.id)
    expect([await status(user), (await reset(link)).body.code]).toEqual([401, 'BAD_LINK'])
    expect((await createClient(berth.origin).call('POST', '/auth/signin', { email: user.email, password: OTHER })).status).toBe(200)
  })

  it('is answered alike, whether there is an account or not', async () => {
    const user = await signUp(berth.origin)
    const disabled = await signUp(berth.origin)
    await admin.call('PATCH', `/api/users/${disabled.user.id}`, { disabled: true })
    const before = there.mails.length
    const answers = await Promise.all(['nobody@example.org', disabled.email, user.email].map(async (email) => await forget(email)))
    expect(answers.map(({ status, body }) => [status, body])).toEqual([[202, {}], [202, {}], [202, {}]])
    await there.mailTo(user.email)
    expect(there.mails.slice(before).map(({ to }) => to)).toEqual([[user.email]])
  })

  it('is answered also while the mail server takes nothing', async () => {
    const user = await signUp(berth.origin)
    there.refuse(true)
    try {
      expect((await forget(user.email)).status).toBe(202)
    } finally {
      there.refuse(false)
    }
    await forget(user.email)
    await there.mailTo(user.email)
  })

  it('is set within an hour', async () => {
    const user = await signUp(berth.origin)
    await forget(user.email)
    const link = linkIn(await there.mailTo(user.email))
    const [row] = await berth.app.db.select().from(accountLinks).where(eq(accountLinks.userId, user.user.id))
    expect((row?.expiresAt.getTime() ?? 0) - (row?.createdAt.getTime() ?? 0)).toBeLessThanOrEqual(3_600_000)
    await berth.app.db.update(accountLinks).set({ expiresAt: new Date(Date.now() - 1) }).where(eq(accountLinks.userId, user.user.id))
    expect((await reset(link)).body.code).toBe('BAD_LINK')
  })

  it('ends the keys of whoever has signed up with an email before its owner came, and no others', async () => {
    const user = await signUp(berth.origin)
    const key = async (client: Client) => withKey(berth.origin, (await client.call<{ key: string }>('POST', '/auth/keys', { name: 'k' })).body.key)
    const early = await key(user)
    await user.call('POST', '/auth/ssh-keys', { key: makeSshKey() })
    const sshKeys = async () => (await berth.app.db.select().from(sshKeyTable).where(eq(sshKeyTable.userId, user.user.id))).length
    expect(await sshKeys()).toBe(1)
    await forget(user.email)
    await reset(linkIn(await there.mailTo(user.email)))
    expect([await status(early), await sshKeys()]).toEqual([401, 0])
    const { headers } = await createClient(berth.origin).call('POST', '/auth/signin', { email: user.email, password: OTHER })
    const late = await key(createClient(berth.origin, { Cookie: headers.get('set-cookie')?.split(';')[0] ?? '', Origin: berth.origin }))
    await forget(user.email)
    await reset(linkIn(await there.mailTo(user.email, 2)), PASSWORD)
    expect(await status(late)).toBe(200)
  })

  it.each([['nobody'], [7], [undefined], ['a@example.org, b@example.org'], [`${'a'.repeat(250)}@example.org`]])('is not asked for by %j', async (email) => {
    expect((await forget(email)).body.code).toBe('VALIDATION_FAILED')
  })

  it('is asked for a few times by email, and no more by address than one signs in', async () => {
    const other = await startBerth({ RATE_LIMIT_SIGNIN: '5/5m', ...there.env }, { catalogue: noLanguages })
    try {
      const codes = async (emails: readonly string[]) => {
        const answers: Array<string | undefined> = []
        for (const email of emails) answers.push((await forget(email, other.origin)).body.code)
        return answers
      }
      expect(await codes(['a@example.org', 'A@example.org', ' a@example.org', 'a@example.org'])).toEqual([undefined, undefined, undefined, 'RATE_LIMITED'])
      expect(await codes(['b@example.org', 'c@example.org'])).toEqual([undefined, 'RATE_LIMITED'])
    } finally {
      await other.stop()
    }
  })

  it('is a matter for an administrator where there is no mail', async () => {
    const other = await startBerth({}, { catalogue: noLanguages })
    try {
      const { status, body } = await forget('a@example.org', other.origin)
      expect([status, (body as ErrorBody).code]).toEqual([409, 'MAIL_OFF'])
      expect((body as ErrorBody).message).toContain('Ask an administrator')
    } finally {
      await other.stop()
    }
  })

  it('that somebody has not got is not made by a mail', async () => {
    const other = await startBerth({ OIDC_ISSUER: 'https://provider.example', OIDC_CLIENT_ID: 'berth', OIDC_NAME: 'Example', ...there.env }, { catalogue: noLanguages })
    try {
      const email = 'provided@example.org'
      await other.app.db.insert(users).values({ email, role: 'user' })
      await forget(email, other.origin)
      const mail = await there.mailTo(email)
      expect(mail.text).toContain('sign in with Example')
      expect([linkIn(mail), await other.app.db.$count(accountLinks)]).toEqual(['', 0])
    } finally {
      await other.stop()
    }
  })
})

describe('an invitation', () => {
  const invite = async (body: object) => (await admin.call<{ link: string, mailed: boolean, code: string }>('POST', '/api/users/invitations', body)).body

  it('is mailed to its email, and makes the account', async () => {
    const email = 'guest@example.org'
    const { mailed, link } = await invite({ email })
    expect(mailed).toBe(true)
    const sent = linkIn(await there.mailTo(email))
    expect(sent).toBe(`${PUBLIC_URL}/join#${link.split('#')[1]}`)
    const { body } = await createClient(berth.origin).call<{ user: User }>('POST', '/auth/signup', { email, password: PASSWORD, invitation: sent.split('#')[1] })
    expect(body.user.email).toBe(email)
    expect((await berth.app.db.select().from(users).where(eq(users.email, email)))[0]?.emailVerifiedAt).toEqual(expect.any(Date))
  })

  it('that is for anybody, or cannot be sent, is handed over by its link', async () => {
    expect(await invite({})).toMatchObject({ mailed: false, link: expect.stringContaining('/join#') as string })
    there.refuse(true)
    try {
      expect(await invite({ email: 'late@example.org' })).toMatchObject({ mailed: false, link: expect.stringContaining('/join#') as string })
    } finally {
      there.refuse(false)
    }
  })
})
