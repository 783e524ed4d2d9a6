import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { violationsOf } from './support/axe.ts'
import { createFixture } from './support/fixture.ts'
import { signUp } from './support/start-page.ts'

const fixture = createFixture()
let page: Page

beforeEach(async () => {
  page = await fixture.newPage({ permissions: ['clipboard-read', 'clipboard-write'] })
  await signUp(page, fixture.origin)
  await page.goto(`${fixture.origin}/run`)
  await page.locator('.cm-content').waitFor()
})

const output = () => page.getByRole('log', { name: 'Output' })
const status = (text: string | RegExp) => page.getByRole('status').filter({ hasText: text })

async function write (code: string): Promise<void> {
  await page.locator('.cm-content').focus()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(code)
}

describe('the playground', () => {
  it('begins with a program that greets, and runs it in each language', async () => {
    for (const language of ['python', 'javascript', 'bun']) {
      await page.getByLabel('Language').selectOption(language)
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await output().filter({ hasText: /hello/i }).waitFor()
      await status('Finished · exit code 0').waitFor()
    }
    for (const label of ['Time', 'CPU', 'Memory']) await page.getByRole('term').filter({ hasText: label }).waitFor()
  })

  it('asks for the line that a program waits for, by the keyboard alone', async () => {
    await write("name = input('Name? ')\nprint('Ahoy', name)")
    await page.keyboard.press('Control+Enter')
    await status('The program waits for input').waitFor()
    await page.keyboard.type('Ada\n')
    await output().filter({ hasText: 'Name? Ada\nAhoy Ada' }).waitFor()
    await status('Finished').waitFor()
  })

  it('gives a program its input, its arguments and its other files', async () => {
    await write('import sys, other\nprint(other.x, sys.argv[1:], sys.stdin.read())')
    await page.getByRole('button', { name: 'Add a file' }).click()
    await page.getByRole('dialog').getByLabel('Name of the file').fill('other.py')
    await page.keyboard.press('Enter')
    await page.getByRole('tab', { name: 'other.py', selected: true }).waitFor()
    await write('x = 42')
    await page.getByRole('textbox', { name: 'Input' }).fill('given')
    await page.getByRole('tab', { name: 'Arguments' }).click()
    await page.getByRole('textbox', { name: 'Arguments' }).fill('a "b c"')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await output().filter({ hasText: "42 ['a', 'b c'] given" }).waitFor()
  })

  it('stops a program, and says how others end', async () => {
    await write('while True: pass')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await status('Stopped').waitFor()
    await write('import sys\nprint("no", file=sys.stderr)\nsys.exit(3)')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await status('Ended with an error · exit code 3').waitFor()
    expect((await page.locator('.output .stderr').allTextContents()).join('')).toBe('no\n')
  })

  it('shows a megabyte of output, and the pictures that a program has made', async () => {
    await write("import base64\nprint('x' * 900000)\nopen('dot.gif', 'wb').write(base64.b64decode('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=='))\nprint('all')")
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await status('Finished').waitFor()
    await expect.poll(async () => await page.evaluate('document.querySelector(".output").textContent.slice(-6)')).toBe('x\nall\n')
    expect(await page.evaluate('document.querySelector(".output").textContent.length')).toBe(900_005)
    await page.getByRole('img', { name: 'Picture dot.gif' }).waitFor()
  })

  it('is shared by a link that shows the same to whoever is not signed in, and is not stored', async () => {
    await write('print("shared")')
    await page.getByRole('button', { name: 'Share' }).click()
    await status('The link is copied').waitFor()
    const link = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(link).toMatch(/\/run#v1=/)
    const stranger = await fixture.newPage()
    try {
      await stranger.goto(link)
      await stranger.locator('.cm-content').filter({ hasText: 'print("shared")' }).waitFor()
      const signIn = await stranger.getByRole('link', { name: 'Sign in to run' }).getAttribute('href')
      expect(decodeURIComponent(signIn ?? '')).toContain('#v1=')
    } finally {
      await stranger.context().close()
    }
  })

  it('is a line of curl, and a project', async () => {
    await write('print("kept")')
    await page.getByRole('button', { name: 'Copy as curl' }).click()
    await status('The line is copied').waitFor()
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toContain('"print(\\"kept\\")"')
    await page.getByRole('button', { name: 'Open as project' }).click()
    await page.waitForURL(/\/p\//)
    await page.getByRole('treeitem', { name: 'main.py' }).waitFor()
  })

  it('can be used by everybody, in each look and on a phone', async () => {
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await status('Finished').waitFor()
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 })
      for (const theme of ['light', 'dark', 'contrast']) {
        await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
        expect(await violationsOf(page)).toEqual([])
      }
    }
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390)
  })
})
