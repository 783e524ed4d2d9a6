import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectUsable, violationsOf } from './support/axe.ts'
import { createFixture } from './support/fixture.ts'
import { choose, createProject, projectItem, signUp } from './support/start-page.ts'

const fixture = createFixture()
let page: Page

beforeEach(async () => { page = await fixture.newPage() })

const focused = async (): Promise<string> => await page.evaluate<string>("document.activeElement?.tagName + ' ' + (document.activeElement?.textContent ?? '').slice(0, 40)")

describe('the console', () => {
  it('sends each script and style sheet compressed, and not more than 60 kB for the first page', async () => {
    const sizes: number[] = []
    page.on('requestfinished', (request) => void request.sizes().then(({ responseBodySize }) => sizes.push(responseBodySize), () => undefined))
    const encodings = new Set<string | undefined>()
    page.on('response', (response) => { if (/\.(?:js|css)$/.test(response.url())) encodings.add(response.headers()['content-encoding']) })
    await signUp(page, fixture.origin)
    expect([...encodings]).toEqual(['br'])
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000)
  })

  it('finds what can be done by some letters of it, and does it, by the keyboard alone', async () => {
    await signUp(page, fixture.origin)
    await createProject(page, 'lighthouse', 'python')
    await page.keyboard.press('Control+K')
    await page.getByRole('combobox').waitFor()
    await page.keyboard.type('lghthse')
    await page.getByRole('option', { name: 'Open lighthouse' }).waitFor()
    expect(await violationsOf(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/p\//)
  })

  it('lists its keys, and closes that list with Escape', async () => {
    await signUp(page, fixture.origin)
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await dialog.getByText('Ctrl+K').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('n')
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).waitFor()
    // A letter that is typed is no key of a command.
    await page.keyboard.type('n?')
    expect(await page.getByRole('dialog').getByLabel('Name', { exact: true }).inputValue()).toBe('n?')
  })

  it('has a menu that arrows and letters go through', async () => {
    await signUp(page, fixture.origin)
    await page.getByRole('button', { name: /^Account of/ }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toContain('Light')
    await page.keyboard.press('s')
    expect(await focused()).toContain('Sign out')
    await page.keyboard.press('Home')
    expect(await violationsOf(page)).toEqual([])
    await page.keyboard.press('Escape')
    expect(await focused()).toMatch(/^BUTTON/)
  })

  it('changes its look at once, and keeps that', async () => {
    await signUp(page, fixture.origin)
    const background = async (): Promise<string> => await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const before = await background()
    await choose(page, /^Account of/, 'Dark')
    expect(await background()).not.toBe(before)
    await page.reload()
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
    expect(await background()).not.toBe(before)
  })

  it('says that there is no such page, in its own words', async () => {
    const answer = await page.goto(`${fixture.origin}/no/such/page`)
    expect([answer?.status(), answer?.headers()['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violationsOf(page)).toEqual([])
    }
    await page.setViewportSize({ width: 390, height: 700 })
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390)
  })

  it('documents the API with a first call for who reads it', async () => {
    await page.goto(`${fixture.origin}/docs`)
    await page.getByText(`curl -s ${fixture.origin}/api/execute`).waitFor()
    const [settings] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: 'the settings' }).click()])
    await settings.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(settings.url()).toBe(`${fixture.origin}/settings`)
  })

  it('speaks German to whoever does', async () => {
    const german = await fixture.newPage({ locale: 'de-DE' })
    try {
      await german.goto(fixture.origin)
      await german.getByRole('heading', { name: 'Anmelden' }).waitFor()
      expect(await german.evaluate('document.documentElement.lang')).toBe('de')
    } finally {
      await german.context().close()
    }
  })

  it('can be used by everybody, in each look and on a phone', async () => {
    await page.goto(fixture.origin)
    await page.getByRole('button', { name: 'Create an account' }).waitFor()
    await expectUsable(page)
    for (const path of ['/setup', '/join', '/reset', '/connect', '/invitation', '/assignment']) {
      await page.goto(fixture.origin + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await expectUsable(page)
    }
    await signUp(page, fixture.origin)
    await expectUsable(page)
    await createProject(page, 'usable', 'python')
    await expectUsable(page)
    await page.setViewportSize({ width: 390, height: 700 })
    await expectUsable(page)
    await page.getByRole('button', { name: 'New project' }).click()
    for (const tab of ['Language', 'Template', 'Git', 'Archive', 'Snapshot']) {
      await page.getByRole('tab', { name: tab }).click()
      await expectUsable(page)
    }
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390)
  })

  it('never leaves the keyboard at the top of the page', async () => {
    await signUp(page, fixture.origin)
    expect(await focused()).toBe('H1 Projects')
    await createProject(page, 'gone', 'python')
    expect(await focused()).toMatch(/^BUTTON/)
    await choose(page, 'More about gone', 'Delete')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await projectItem(page, 'gone').waitFor({ state: 'detached' })
    expect(await focused()).toBe('H1 Projects')
  })
})

describe('projects', () => {
  it('are renamed, found by their names, and made from templates and archives', async () => {
    await signUp(page, fixture.origin)
    await createProject(page, 'before', 'python')
    await choose(page, 'More about before', 'Rename')
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('after')
    await page.keyboard.press('Enter')
    await projectItem(page, 'after').waitFor()

    await page.getByRole('button', { name: 'New project' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name', { exact: true }).fill('from template')
    await dialog.getByRole('tab', { name: 'Template' }).click()
    await dialog.getByText('node-http').or(dialog.getByText(/Node/)).first().click()
    await dialog.getByRole('button', { name: 'Create project' }).click()
    await projectItem(page, 'from template').getByText('javascript').waitFor()

    await page.getByRole('searchbox').fill('templ')
    await projectItem(page, 'after').waitFor({ state: 'detached' })
    await projectItem(page, 'from template').waitFor()
  })
})
