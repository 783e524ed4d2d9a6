import type { Page } from 'playwright-core'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { signUp, PASSWORD } from '../live/support/client.ts'
import { noLanguages } from '../live/support/no-languages.ts'
import { startOidcProvider, type OidcProvider } from '../support/oidc-provider.ts'
import { freePort } from '../support/server-process.ts'
import { createFixture } from './support/fixture.ts'
import { startPages } from './support/pages.ts'
import { signOut } from './support/start-page.ts'

let there: OidcProvider
let url: string
const fixture = createFixture(async () => {
  const port = await freePort()
  url = `http://localhost:${port}`
  there = await startOidcProvider(`${url}/auth/oidc/callback`)
  return await startPages({ PORT: String(port), ...there.env }, { catalogue: noLanguages })
})
let page: Page

afterAll(async () => await there.stop())
beforeEach(async () => { page = await fixture.newPage() })

/** Whichever name of the server the browser has come to first. */
async function signIn (person: string, origin = url): Promise<void> {
  await page.goto(`${origin}/?next=${encodeURIComponent('/?again#x')}`)
  await page.getByRole('link', { name: 'Sign in with Example' }).click()
  await page.getByLabel('Who are you?').fill(person)
  await page.getByRole('button', { name: 'Continue' }).click()
}

describe('a browser', () => {
  it('is signed in by the provider, and goes to where it was', async () => {
    const email = 'ada@example.org'
    const person = there.add({ email })
    await signIn(person)
    await page.getByText(email).waitFor()
    expect(page.url()).toBe(`${url}/?again#x`)
    await page.reload()
    await page.getByText(email).waitFor()
    await signOut(page)
    // It is still signed in there.
    await page.getByRole('link', { name: 'Sign in with Example' }).click()
    await page.getByText(email).waitFor()
  })

  it('that came to another name of the server is signed in to the one that the provider knows', async () => {
    const email = 'grace@example.org'
    await signIn(there.add({ email }), fixture.origin.replace('localhost', '127.0.0.1'))
    await page.getByText(email).waitFor()
    expect(new URL(page.url()).origin).toBe(url)
  })

  it('is asked for the password of an account that is there', async () => {
    const { email } = await signUp(fixture.origin)
    await signIn(there.add({ email }))
    const form = page.getByRole('form', { name: 'You have an account here' })
    await form.getByLabel('Password').fill('not the password')
    await form.getByRole('button', { name: 'Sign in' }).click()
    await form.getByRole('alert').filter({ hasText: 'not the password of your account' }).waitFor()
    await form.getByLabel('Password').fill(PASSWORD)
    await form.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText(email).waitFor()
  })

  it('is told why it is not signed in, and gets back', async () => {
    await signIn(there.add({ email_verified: false }))
    await page.getByText('Have it verified there').waitFor()
    await page.getByRole('link', { name: 'Back to the sign-in page' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })
})
