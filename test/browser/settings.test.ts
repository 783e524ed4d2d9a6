import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectUsable } from './support/axe.ts'
import { createFixture } from './support/fixture.ts'
import { choose, fillIn, newEmail, PASSWORD, signOut, signUp } from './support/start-page.ts'

const fixture = createFixture()
let page: Page

const NEW_PASSWORD = 'granite umbrella at dawn'

beforeEach(async () => { page = await fixture.newPage({ permissions: ['clipboard-read', 'clipboard-write'] }) })

async function open (path: string): Promise<void> {
  await page.goto(fixture.origin + path)
  await page.getByRole('heading', { level: 1 }).waitFor()
}

const said = async (text: string): Promise<void> => await page.getByRole('status').filter({ hasText: text }).waitFor()

describe('the settings', () => {
  it('make a key that is shown once, whose line for a shell works until the key is deleted', async () => {
    await signUp(page, fixture.origin)
    await open('/settings')
    const form = page.getByRole('form', { name: 'New key' })
    await form.getByLabel('What it is for').fill('laptop')
    await form.getByLabel('Lasts').selectOption('30 days')
    await form.getByRole('button', { name: 'Make key' }).click()
    const dialog = page.getByRole('dialog', { name: 'Your key' })
    await expectUsable(page)
    for (const language of ['Python', 'JavaScript', 'curl']) {
      await dialog.getByRole('tab', { name: language }).click()
      await dialog.locator('pre').filter({ hasText: '/api/execute' }).waitFor()
    }
    await dialog.getByRole('button', { name: 'Copy lines' }).click()
    const line = await page.evaluate<string>('navigator.clipboard.readText()')
    const { stdout } = await promisify(execFile)('bash', ['-c', line])
    expect(JSON.parse(stdout)).toMatchObject({ output: '42\n' })
    await page.keyboard.press('Escape')
    expect(await page.getByText('brt_', { exact: false }).count()).toBe(1)

    await page.getByRole('button', { name: 'Delete laptop' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No keys yet.').waitFor()
    expect(JSON.parse((await promisify(execFile)('bash', ['-c', line])).stdout)).toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('change the password, which signs out all other browsers', async () => {
    const email = await signUp(page, fixture.origin)
    const other = await fixture.newPage()
    try {
      await other.goto(fixture.origin)
      await fillIn(other, 'Sign in', email, PASSWORD)
      await other.getByRole('heading', { name: 'Projects' }).waitFor()
      await open('/settings')
      const form = page.getByRole('form', { name: 'Password' })
      await form.getByLabel('Current password').fill('not the password')
      await form.getByLabel('New password').fill(NEW_PASSWORD)
      await form.getByRole('button', { name: 'Change password' }).click()
      await form.getByRole('alert').filter({ hasText: 'not the password of your account' }).waitFor()
      await form.getByLabel('Current password').fill(PASSWORD)
      expect(await form.getByRole('alert').count()).toBe(0)
      await form.getByRole('button', { name: 'Change password' }).click()
      await said('The password is changed')
      await other.getByRole('form', { name: 'Sign in' }).waitFor()
    } finally {
      await other.context().close()
    }
    await signOut(page)
    await fillIn(page, 'Sign in', email, NEW_PASSWORD)
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
  })

  it('list the browsers that are signed in, and sign one out', async () => {
    const email = await signUp(page, fixture.origin)
    const other = await fixture.newPage()
    try {
      await other.goto(fixture.origin)
      await fillIn(other, 'Sign in', email, PASSWORD)
      await other.getByRole('heading', { name: 'Projects' }).waitFor()
      await open('/settings')
      await page.getByRole('cell', { name: 'This one' }).waitFor()
      await page.getByRole('cell').getByRole('button', { name: 'Sign out', exact: true }).click()
      await other.getByRole('form', { name: 'Sign in' }).waitFor()
    } finally {
      await other.context().close()
    }
  })

  it('keep what one is called, and end the account', async () => {
    const email = await signUp(page, fixture.origin)
    await open('/settings')
    await page.getByRole('form', { name: 'Profile' }).getByLabel('Name').fill('Ada')
    await page.getByRole('button', { name: 'Save' }).click()
    await said('Saved.')
    await page.reload()
    expect(await page.getByRole('form', { name: 'Profile' }).getByLabel('Name').inputValue()).toBe('Ada')
    await page.getByRole('button', { name: 'Delete account' }).click()
    await expectUsable(page)
    await page.getByRole('dialog').getByLabel('Current password').fill(PASSWORD)
    await page.getByRole('dialog').getByRole('button', { name: 'Delete my account' }).click()
    await fillIn(page, 'Sign in', email, PASSWORD)
    await page.getByRole('alert').filter({ hasText: 'wrong' }).waitFor()
  })

  it('can be used by everybody, in each look and on a phone', async () => {
    await signUp(page, fixture.origin)
    await open('/settings')
    await page.getByRole('cell', { name: 'This one' }).waitFor()
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 })
      await expectUsable(page)
    }
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390)
  })
})

describe('the list of runs', () => {
  it('has what was run, by its status, with its output', async () => {
    await signUp(page, fixture.origin)
    for (const code of ['print("seen")', 'raise SystemExit(3)']) {
      const answer = await page.request.post(`${fixture.origin}/api/execute`, { headers: { Origin: fixture.origin }, data: { language: 'python', code } })
      expect(answer.status()).toBe(200)
    }
    await open('/runs')
    await page.getByRole('cell', { name: 'Finished' }).waitFor()
    await page.getByLabel('Status').selectOption('Finished')
    await page.getByRole('cell', { name: 'Ended with an error' }).waitFor({ state: 'detached' })
    await expectUsable(page)
    await page.getByRole('button', { name: /^Show the output of python/ }).click()
    await page.getByRole('dialog').getByText('seen').waitFor()
    await expectUsable(page)
    await page.keyboard.press('Escape')
    await page.getByLabel('Language').fill('ruby')
    await page.keyboard.press('Enter')
    await page.getByText('Nothing was run, or nothing like that.').waitFor()
  })
})

describe('the administration', () => {
  it('is for administrators', async () => {
    await signUp(page, fixture.origin)
    await open('/admin')
    await page.getByText('This page is for administrators.').waitFor()
  })

  it('invites, disables, enables, and resets passwords; shows projects, images and what was done', async () => {
    const [admin, guest] = [newEmail(), newEmail()]
    await page.goto(`${fixture.origin}/setup#${fixture.berth.setupToken}`)
    const setUp = page.getByRole('form', { name: 'Set up Berth' })
    await setUp.getByLabel('Email').fill(admin)
    await setUp.getByLabel('Password').fill(PASSWORD)
    await setUp.getByRole('button', { name: 'Create administrator' }).click()
    await page.getByRole('link', { name: 'Administration' }).click()
    await page.getByRole('button', { name: 'Make a link' }).click()
    const link = await page.getByRole('dialog', { name: 'Invitation' }).locator('code').textContent()
    await expectUsable(page)
    await page.keyboard.press('Escape')

    const other = await fixture.newPage()
    try {
      await other.goto(link ?? '')
      const join = other.getByRole('form', { name: 'Join Berth' })
      await join.getByLabel('Email').fill(guest)
      await join.getByLabel('Password').fill(PASSWORD)
      await join.getByRole('button', { name: 'Create account' }).click()
      await other.getByRole('heading', { name: 'Projects' }).waitFor()
      await page.getByRole('searchbox', { name: 'Search users' }).fill(guest)
      await choose(page, `Change ${guest}`, 'Disable')
      await page.getByRole('cell', { name: 'disabled' }).waitFor()
      await other.getByRole('form', { name: 'Sign in' }).waitFor()
      await choose(page, `Change ${guest}`, 'Enable')
      await page.getByRole('cell', { name: 'active' }).waitFor()
      await choose(page, `Change ${guest}`, 'Link for a new password')
      await page.getByRole('dialog').locator('code').filter({ hasText: '/reset#' }).waitFor()
      await page.keyboard.press('Escape')
    } finally {
      await other.context().close()
    }

    await page.getByRole('tab', { name: 'Projects' }).click()
    await page.waitForURL(/\/admin\/projects$/)
    await expectUsable(page)
    await page.getByRole('tab', { name: 'Images' }).click()
    await page.getByRole('button', { name: 'Log of python' }).click()
    await expectUsable(page)
    await page.keyboard.press('Escape')
    await page.getByRole('tab', { name: 'Audit' }).click()
    await page.getByLabel('Action').fill('user.change')
    await page.keyboard.press('Enter')
    await page.getByRole('cell', { name: 'user.change' }).first().waitFor()
    await expectUsable(page)
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390)
  })
})
