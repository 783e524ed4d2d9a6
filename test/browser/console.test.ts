import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Berth } from '../live/support/berth.ts'
import { violationsOf } from './support/axe.ts'
import { collectComplaints, newPage, startBrowser } from './support/browser.ts'
import { startPages } from './support/pages.ts'
import { choose, createProject, projectItem, signUp } from './support/start-page.ts'

let berth: Berth
let browser: Browser
let page: Page
let complaints: string[]

beforeAll(async () => {
  berth = await startPages()
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await berth.stop()
})

beforeEach(async () => {
  page = await newPage(browser)
  complaints = collectComplaints(page)
})
afterEach(async () => {
  await page.context().close()
  expect(complaints).toEqual([])
})

const focused = async (): Promise<string> => await page.evaluate<string>("document.activeElement?.tagName + ' ' + (document.activeElement?.textContent ?? '').slice(0, 40)")

/** In each look, nothing that somebody could not use. */
async function isUsable (): Promise<void> {
  for (const theme of ['light', 'dark', 'contrast']) {
    await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
    expect(await violationsOf(page)).toEqual([])
  }
}

describe('the console', () => {
  it('sends each script and style sheet compressed, and not more than 60 kB for the first page', async () => {
    const sizes: number[] = []
    page.on('requestfinished', (request) => void request.sizes().then(({ responseBodySize }) => sizes.push(responseBodySize)))
    const encodings = new Set<string | undefined>()
    page.on('response', (response) => { if (/\.(?:js|css)$/.test(response.url())) encodings.add(response.headers()['content-encoding']) })
    await signUp(page, berth.origin)
    expect([...encodings]).toEqual(['br'])
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000)
  })

  it('finds what can be done by some letters of it, and does it, by the keyboard alone', async () => {
    await signUp(page, berth.origin)
    await createProject(page, 'lighthouse', 'python')
    await page.keyboard.press('Control+K')
    await page.getByRole('combobox').waitFor()
    await page.keyboard.type('lghthse')
    await page.getByRole('option', { name: 'Open lighthouse' }).waitFor()
    expect(await violationsOf(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.waitForURL(/files\.html/)
  })

  it('lists its keys, and closes that list with Escape', async () => {
    await signUp(page, berth.origin)
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
    await signUp(page, berth.origin)
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
    await signUp(page, berth.origin)
    const background = async (): Promise<string> => await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const before = await background()
    await choose(page, /^Account of/, 'Dark')
    expect(await background()).not.toBe(before)
    await page.reload()
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
    expect(await background()).not.toBe(before)
  })

  it('says that there is no such page, in its own words', async () => {
    const answer = await page.goto(`${berth.origin}/no/such/page`)
    expect([answer?.status(), answer?.headers()['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
    expect(await violationsOf(page)).toEqual([])
  })

  it('speaks German to whoever does', async () => {
    const german = await newPage(browser, { locale: 'de-DE' })
    try {
      await german.goto(berth.origin)
      await german.getByRole('heading', { name: 'Anmelden' }).waitFor()
      expect(await german.evaluate('document.documentElement.lang')).toBe('de')
    } finally {
      await german.context().close()
    }
  })

  it('can be used by everybody, in each look and on a phone', async () => {
    await page.goto(berth.origin)
    await page.getByRole('button', { name: 'Create an account' }).waitFor()
    await isUsable()
    for (const path of ['/setup', '/join', '/reset', '/connect', '/invitation', '/assignment']) {
      await page.goto(berth.origin + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await isUsable()
    }
    await signUp(page, berth.origin)
    await isUsable()
    await createProject(page, 'usable', 'python')
    await isUsable()
    await page.setViewportSize({ width: 390, height: 700 })
    await isUsable()
    await page.getByRole('button', { name: 'New project' }).click()
    for (const tab of ['Language', 'Template', 'Git', 'Archive', 'Snapshot']) {
      await page.getByRole('tab', { name: tab }).click()
      await isUsable()
    }
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390)
  })

  it('never leaves the keyboard at the top of the page', async () => {
    await signUp(page, berth.origin)
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
    await signUp(page, berth.origin)
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
