import type { Page } from 'playwright-core'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { pagePaths } from '../../src/protocols/pages.ts'
import { expectUsable } from './support/axe.ts'
import { createFixture } from './support/fixture.ts'
import { startForeignPages } from './support/foreign-pages.ts'
import { startPages } from './support/pages.ts'
import { signUp } from './support/start-page.ts'

const course = await startForeignPages()
const stranger = await startForeignPages()
const fixture = createFixture(async () => await startPages({ EMBED_ORIGINS: `${course.sameSite},${course.otherSite}` }))
let page: Page

afterAll(() => {
  course.stop()
  stranger.stop()
})
beforeEach(async () => {
  page = await fixture.newPage({ permissions: ['clipboard-read', 'clipboard-write'] })
  await signUp(page, fixture.origin)
})

/** The lines that the playground gives for a page, of a program. */
async function linesOf (code: string): Promise<string> {
  await page.goto(`${fixture.origin}/run`)
  await page.locator('.cm-content').focus()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(code)
  await page.getByRole('button', { name: 'Copy as a frame' }).click()
  await page.getByRole('status').filter({ hasText: 'The lines for your page are copied' }).waitFor()
  return await page.evaluate<string>('navigator.clipboard.readText()')
}

const frame = () => page.frameLocator('iframe')

describe('the playground in a frame', () => {
  it('runs its program in a page of the same site, and asks for input', async () => {
    course.show(await linesOf("print('Ahoy', input('Name? '))"))
    await page.goto(course.sameSite)
    await frame().getByRole('button', { name: 'Run' }).click()
    await frame().getByRole('textbox', { name: 'Input for the program' }).fill('Ada')
    await page.keyboard.press('Enter')
    await frame().getByRole('log', { name: 'Output' }).filter({ hasText: 'Ahoy Ada' }).waitFor()
    expect(await frame().getByRole('link').count()).toBe(0)
  })

  it('shows its program in a page of another site, where nobody is signed in, and runs it in a tab of Berth', async () => {
    course.show(await linesOf("print('from a frame')"))
    await page.goto(course.otherSite)
    await frame().locator('.cm-content').filter({ hasText: 'from a frame' }).waitFor()
    expect(await frame().getByRole('button', { name: 'Run', exact: true }).count()).toBe(0)
    const [tab] = await Promise.all([page.waitForEvent('popup'), frame().getByRole('button', { name: 'Run it in Berth' }).click()])
    await tab.locator('.cm-content').filter({ hasText: 'from a frame' }).waitFor()
    expect(tab.url()).toMatch(/\/run#v1=/)
  })

  it('is as dark as its page says, can be used by everybody, and fits into little room', async () => {
    const [, address = ''] = /src="([^"]+)"/.exec(await linesOf("print('narrow')")) ?? []
    await page.setViewportSize({ width: 300, height: 480 })
    await page.goto(address.replace('/embed#', '/embed?theme=dark#'))
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('log').filter({ hasText: 'narrow' }).waitFor()
    expect(await page.evaluate<string>('getComputedStyle(document.body).colorScheme')).toBe('dark')
    await expectUsable(page)
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(300)
  })

  it('without a program says so', async () => {
    await page.goto(`${fixture.origin}/embed`)
    await page.locator('.cm-content').waitFor()
    await page.context().clearCookies()
    await page.reload()
    await page.getByText('This frame has no program.').waitFor()
    await expectUsable(page)
  })

  it('is nothing that an origin which the operator has not named can show, and no other page is for anybody', async () => {
    const shown = async (from: string, paths: readonly string[]): Promise<string[]> => {
      for (const server of [course, stranger]) server.show(paths.map((path) => `<iframe src="${fixture.origin}${path}" title="${path}"></iframe>`).join(''))
      await page.goto(from, { waitUntil: 'load' })
      const urls = page.frames().slice(1).map((inner) => inner.url())
      expect(urls).toHaveLength(paths.length)
      return urls.filter((url) => url.startsWith(fixture.origin))
    }
    for (const from of [stranger.sameSite, stranger.otherSite]) expect(await shown(from, ['/embed'])).toEqual([])
    const others = [...pagePaths.filter((path) => path !== '/embed').map((path) => path.replaceAll(/:\w+/g, 'x')), '/index.html', '/embed/x', '/docs', '/auth/me']
    for (const from of [course.sameSite, course.otherSite]) expect(await shown(from, others)).toEqual([])
    expect(await shown(course.sameSite, ['/embed'])).toEqual([`${fixture.origin}/embed`])
    const refusals = fixture.complaints.splice(0)
    expect(refusals.length).toBeGreaterThan(0)
    for (const refusal of refusals) expect(refusal).toMatch(/frame|X-Frame-Options/i)
  })
})
