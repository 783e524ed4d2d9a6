import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectUsable } from './support/axe.ts'
import { createFixture } from './support/fixture.ts'
import { startPages } from './support/pages.ts'
import { choose, createProject, fillIn, newEmail, PASSWORD, projectItem, signOut, signUp } from './support/start-page.ts'

const fixture = createFixture(async () => await startPages({ PROJECT_QUOTA: '1' }))
let page: Page

beforeEach(async () => { page = await fixture.newPage() })

describe('the start page', () => {
  it('signs up, out and in again', async () => {
    const email = await signUp(page, fixture.origin)
    await page.getByText(email).waitFor()
    await signOut(page)
    await fillIn(page, 'Sign in', email, PASSWORD)
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
    await page.reload()
    await page.getByText(email).waitFor()
  })

  it('shows what the API says about a wrong password and a taken address', async () => {
    const email = await signUp(page, fixture.origin)
    await signOut(page)
    await fillIn(page, 'Sign in', email, 'not the password')
    const refusal = page.getByRole('form', { name: 'Sign in' }).getByRole('alert')
    await refusal.waitFor()
    expect(await refusal.textContent()).toMatch(/password/i)
    await page.getByRole('button', { name: 'Create an account' }).click()
    await fillIn(page, 'Create an account', email, PASSWORD)
    const taken = page.getByRole('form', { name: 'Create an account' }).getByRole('alert')
    await taken.waitFor()
    expect(await taken.textContent()).toMatch(/email|account/i)
  })

  it('makes, starts, stops and deletes a project, and shows its status as it changes', async () => {
    await signUp(page, fixture.origin)
    await page.getByText('No projects yet').waitFor()
    await createProject(page, 'demo', 'python')
    const project = projectItem(page, 'demo')
    await project.getByText('stopped', { exact: true }).waitFor()
    await project.getByRole('button', { name: 'Start demo' }).click()
    await project.getByText('running', { exact: true }).waitFor()
    await project.getByText(/stops in \d+ min/).waitFor()
    await project.getByRole('button', { name: 'Stop demo' }).click()
    await project.getByText('stopped', { exact: true }).waitFor()

    await choose(page, 'More about demo', 'Delete')
    await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click()
    await choose(page, 'More about demo', 'Delete')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await project.waitFor({ state: 'detached' })
    await page.getByText('No projects yet').waitFor()
  })

  it('sees what somebody does to a project elsewhere', async () => {
    await signUp(page, fixture.origin)
    await createProject(page, 'shared', 'python')
    const project = projectItem(page, 'shared')
    const link = await project.getByRole('link', { name: 'Terminal of shared' }).getAttribute('href')
    const [, , id] = new URL(String(link), fixture.origin).pathname.split('/')
    const answer = await page.request.post(`${fixture.origin}/projects/${id}/start`, { headers: { Origin: fixture.origin } })
    expect(answer.status()).toBe(200)
    await project.getByText('running', { exact: true }).waitFor()
    expect((await page.request.delete(`${fixture.origin}/projects/${id}`, { headers: { Origin: fixture.origin } })).status()).toBe(204)
    await project.waitFor({ state: 'detached' })
  })

  it('shows why a project cannot be made', async () => {
    await signUp(page, fixture.origin)
    await createProject(page, 'first', 'python')
    await page.getByRole('button', { name: 'New project' }).click()
    await page.getByLabel('Name').fill('second')
    await page.getByRole('button', { name: 'Create project' }).click()
    const refusal = page.getByRole('form', { name: 'New project' }).getByRole('alert')
    await refusal.waitFor()
    expect(await refusal.textContent()).toMatch(/project/)
  })

  it('shows nobody the projects of another', async () => {
    await signUp(page, fixture.origin)
    await createProject(page, 'mine', 'python')
    await signOut(page)
    await page.getByRole('button', { name: 'Create an account' }).click()
    await fillIn(page, 'Create an account', newEmail(), PASSWORD)
    await page.getByText('No projects yet').waitFor()
    expect(await page.getByText('mine', { exact: true }).count()).toBe(0)
  })

  it('asks to sign in again when the session has ended elsewhere', async () => {
    await signUp(page, fixture.origin)
    await page.request.post(`${fixture.origin}/auth/logout`, { headers: { Origin: fixture.origin } })
    await page.getByRole('form', { name: 'Sign in' }).waitFor()
  })

  it('can be used by the keyboard alone', async () => {
    await page.goto(fixture.origin)
    await page.getByRole('button', { name: 'Create an account' }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type(newEmail())
    await page.keyboard.press('Tab')
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
  })

  it('fits a phone without scrolling sideways', async () => {
    await page.setViewportSize({ width: 360, height: 640 })
    await signUp(page, fixture.origin)
    await createProject(page, 'a-name-that-is-much-longer-than-what-a-phone-has-room-for-on-one-line', 'python')
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(360)
  })

  it('asks the server at most twice a minute while nothing happens, and is told when something does', async () => {
    await page.clock.install()
    await signUp(page, fixture.origin)
    await createProject(page, 'idle', 'python')
    const project = projectItem(page, 'idle')
    await project.getByRole('button', { name: 'Start idle' }).click()
    await project.getByText(/stops in \d+ min/).waitFor()
    await page.waitForLoadState('load')
    const asked: string[] = []
    page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`))
    const minutes = 15
    for (let minute = 0; minute < minutes; minute++) await page.clock.runFor(60_000)
    await project.getByText('stops in 1 min').waitFor()
    expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(2 * minutes)
    const [running] = (await (await page.request.get(`${fixture.origin}/projects`)).json() as { projects: Array<{ id: string }> }).projects
    await page.request.post(`${fixture.origin}/projects/${running?.id}/stop`, { headers: { Origin: fixture.origin } })
    await page.clock.resume()
    await project.getByText('stopped', { exact: true }).waitFor()
  })

  it('tells the first visitor of a new server where the link for its administrator is, and not the link', async () => {
    await page.goto(fixture.origin)
    const notice = page.getByRole('region', { name: 'This server is new' })
    await notice.getByText('setup-link').waitFor()
    await expectUsable(page)
    expect(await page.content()).not.toContain(fixture.berth.setupToken)
    await page.goto(`${fixture.origin}/setup.html?from=old#${fixture.berth.setupToken}`)
    expect(new URL(page.url()).pathname).toBe('/setup')
    await page.getByRole('form', { name: 'Set up Berth' }).getByLabel('Email').fill(newEmail())
    await page.getByRole('form', { name: 'Set up Berth' }).getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Create administrator' }).click()
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
    await signOut(page)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.reload()
    await page.getByText('New here?').waitFor()
    expect(await notice.count()).toBe(0)
  })
})
