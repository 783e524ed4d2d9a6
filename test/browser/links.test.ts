import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../src/sandbox/images/catalogue.ts'
import { imagesDirectory } from '../live/support/berth.ts'
import { signUp, withKey, type Client } from '../live/support/client.ts'
import { noLanguages } from '../live/support/no-languages.ts'
import { linkIn, startMailServer } from '../support/mail-server.ts'
import { createFixture } from './support/fixture.ts'
import { startPages } from './support/pages.ts'
import { fillIn, newEmail, PASSWORD, signOut } from './support/start-page.ts'

const fixture = createFixture(async () => {
  const { find } = await loadCatalogue(imagesDirectory)
  return await startPages({ SIGNUP: 'closed' }, { catalogue: { runtimes: [], find } })
})
let page: Page
let admin: Client

beforeAll(() => { admin = withKey(fixture.origin, fixture.berth.key) })
beforeEach(async () => { page = await fixture.newPage() })

const submit = async (form: string, fields: Record<string, string>): Promise<void> => {
  const found = page.getByRole('form', { name: form })
  for (const [label, value] of Object.entries(fields)) await found.getByLabel(label).fill(value)
  await found.locator('button[type=submit]').click()
}
const inviteLink = async (): Promise<string> => (await admin.call<{ link: string }>('POST', '/api/users/invitations', {})).body.link

describe('a link', () => {
  it('for the first administrator, for an account and for a new password leads to a form that does it, and signs in', async () => {
    const [first, guest] = [newEmail(), newEmail()]
    await page.goto(`${fixture.origin}/setup#${fixture.berth.setupToken}`)
    await submit('Set up Berth', { Email: first, Password: PASSWORD })
    await page.getByText(first).waitFor()

    const guestPage = await fixture.newPage()
    page = guestPage
    await page.goto(await inviteLink())
    expect(page.url()).toBe(`${fixture.origin}/join`)
    await submit('Join Berth', { Email: guest, Password: PASSWORD })
    await page.getByText(guest).waitFor()

    const { body } = await admin.call<{ users: Array<{ id: string }> }>('GET', `/api/users?search=${guest}`)
    await page.goto((await admin.call<{ link: string }>('POST', `/api/users/${body.users[0]?.id}/reset-link`)).body.link)
    await submit('New password', { Password: 'granite umbrella at dawn' })
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
    await page.getByText(guest).waitFor()
    await signOut(page)
    await fillIn(page, 'Sign in', guest, 'granite umbrella at dawn')
    await page.getByText(guest).waitFor()
  })

  it('for a new password comes by mail to whoever has forgotten it', async () => {
    const mails = await startMailServer()
    const other = await startPages({ ...mails.env }, { catalogue: noLanguages })
    try {
      const { email } = await signUp(other.origin)
      await page.goto(other.origin)
      await page.getByRole('button', { name: 'Forgot your password?' }).click()
      await submit('Forgot your password?', { Email: email })
      await page.getByRole('status').filter({ hasText: 'a mail is on its way' }).waitFor()
      await page.goto(linkIn(await mails.mailTo(email)))
      await submit('New password', { Password: 'granite umbrella at dawn' })
      await page.getByText(email).waitFor()
    } finally {
      await other.stop()
      await mails.stop()
    }
  })

  it('to a project asks whoever is not signed in to do so, and then makes them a member', async () => {
    const guest = newEmail()
    await page.goto(await inviteLink())
    await submit('Join Berth', { Email: guest, Password: PASSWORD })
    await signOut(page)
    const { body: { id } } = await admin.call<{ id: string }>('POST', '/projects', { name: 'Shared', runtime: 'python' })
    await page.goto((await admin.call<{ link: string }>('POST', `/projects/${id}/invitations`, { role: 'viewer' })).body.link)
    await page.getByRole('button', { name: 'Join' }).click()
    await fillIn(page, 'Sign in', guest, PASSWORD)
    await page.getByRole('button', { name: 'Join' }).click()
    await page.getByRole('heading', { name: 'Shared', exact: true }).waitFor()
  })

  it('that is worth nothing any more says so, and one without its token asks for the whole', async () => {
    const link = await inviteLink()
    await page.goto(link)
    await submit('Join Berth', { Email: newEmail(), Password: PASSWORD })
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
    await page.goto(link)
    await submit('Join Berth', { Email: newEmail(), Password: PASSWORD })
    await page.getByRole('alert').filter({ hasText: 'Ask whoever gave it to you for a new one' }).waitFor()
    await page.goto(`${fixture.origin}/reset`)
    await submit('New password', { Password: PASSWORD })
    await page.getByRole('alert').filter({ hasText: 'Open the whole link' }).waitFor()
  })
})
