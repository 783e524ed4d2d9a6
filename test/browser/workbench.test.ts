import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { violationsOf } from './support/axe.ts'
import { filesPage, type FilesPage } from './support/files-page.ts'
import { createFixture } from './support/fixture.ts'
import { choose, fillIn, PASSWORD, signUp } from './support/start-page.ts'
import { terminalPage } from './support/terminal-page.ts'

const fixture = createFixture()
let context: BrowserContext
let email: string
let projectId: string
let cookies: Awaited<ReturnType<BrowserContext['cookies']>>

const headers = (): Record<string, string> => ({ Origin: fixture.origin })
const api = (path: string): string => `${fixture.origin}/projects/${projectId}${path}`
const pageUrl = (search = ''): string => `${fixture.origin}/p/${projectId}${search}`

async function put (path: string, content: string): Promise<void> {
  const response = await context.request.put(api(`/files/${path}`), { headers: { ...headers(), 'Content-Type': 'application/octet-stream' }, data: content })
  expect([201, 204]).toContain(response.status())
}

async function inside (...cmd: string[]): Promise<string> {
  const response = await context.request.post(api('/exec'), { headers: headers(), data: { cmd } })
  const { output, exitCode } = await response.json() as { output: string, exitCode: number }
  expect(exitCode).toBe(0)
  return output
}

async function newPage (search = ''): Promise<Page> {
  const page = await context.newPage()
  await page.goto(pageUrl(search))
  return page
}

async function open (search = ''): Promise<FilesPage> {
  const files = filesPage(await newPage(search))
  await files.ready()
  return files
}

async function terminals (): Promise<Array<{ id: string }>> {
  return (await (await context.request.get(api('/terminals'))).json() as { terminals: Array<{ id: string }> }).terminals
}

/** A browser that has signed in, and remembers nothing else. */
async function newContext (options: BrowserContextOptions = {}): Promise<void> {
  await context.close()
  context = await fixture.newContext({ permissions: ['clipboard-read', 'clipboard-write'], ...options })
  await context.addCookies(cookies)
}

beforeAll(async () => {
  context = await fixture.newContext()
  email = await signUp(await context.newPage(), fixture.origin)
  const made = await context.request.post(`${fixture.origin}/projects`, { headers: headers(), data: { name: 'bench', runtime: 'python' } })
  projectId = (await made.json() as { id: string }).id
  cookies = await context.cookies()
})
beforeEach(async () => {
  await newContext()
  for (const { id } of await terminals()) await context.request.delete(api(`/terminals/${id}`), { headers: headers() })
  await inside('find', '.', '-mindepth', '1', '-delete')
})
const cursor = async ({ page }: FilesPage): Promise<string> => await page.locator('.status-end').innerText()

describe('the workbench', () => {
  it('opens a file at the line that its address names', async () => {
    await put('src/a.py', Array.from({ length: 300 }, (_, index) => `line_${index + 1} = 1\n`).join(''))
    const files = await open('?file=src/a.py:250')
    await files.tab('a.py').waitFor()
    await waitFor('the line', async () => await cursor(files) === 'Ln 250, Col 1')
    await files.page.getByText('line_250').waitFor()
    expect(await files.item('a.py').getAttribute('aria-selected')).toBe('true')
    await waitFor('the address', () => new URL(files.page.url()).searchParams.get('file') === 'src/a.py')
  })

  it('keeps cursor, place and what can be undone of each tab when another is shown, and all but the place when it is loaded anew', async () => {
    const long = Array.from({ length: 400 }, (_, index) => `line ${index + 1}\n`).join('')
    for (const name of ['one.txt', 'two.txt', 'three.txt']) await put(name, long)
    const files = await open()
    for (const name of ['one.txt', 'two.txt', 'three.txt']) await files.open(name)
    await files.tab('two.txt').click()
    await files.editor.focus()
    await files.page.keyboard.press('Control+End')
    await files.page.keyboard.type('typed')
    await files.save()
    await files.tab('one.txt').click()
    await files.tab('two.txt').click()
    await waitFor('the cursor', async () => await cursor(files) === 'Ln 401, Col 6')
    await files.page.getByText('line 400', { exact: true }).waitFor()
    // Remembered now and then.
    await files.page.waitForFunction(`new Promise((resolve) => {
      const opening = indexedDB.open('berth', 1)
      opening.onsuccess = () => {
        const asked = opening.result.transaction('drafts').objectStore('drafts').get(['${projectId}', 'two.txt'])
        asked.onsuccess = () => resolve(asked.result?.text.endsWith('typed') && asked.result.base.text.endsWith('typed') && asked.result.memory.topLine > 300)
      }
    })`)
    await files.page.reload()
    await files.ready()
    await files.tab('three.txt').waitFor()
    expect(await files.tab('two.txt').getAttribute('aria-selected')).toBe('true')
    await waitFor('the cursor', async () => await cursor(files) === 'Ln 401, Col 6')
    await files.editor.focus()
    await files.page.keyboard.press('Control+Z')
    await files.fileState.filter({ hasText: 'Unsaved changes' }).waitFor()
    await files.save()
    expect(await inside('tail', '-n', '1', 'two.txt')).toBe('line 400\n')
  })

  it('brings text back that nobody had saved when the browser went', async () => {
    await put('draft.txt', 'before')
    const files = await open()
    await files.open('draft.txt')
    await files.replaceText('precious')
    await files.page.waitForFunction(`new Promise((resolve) => {
      const opening = indexedDB.open('berth', 1)
      opening.onsuccess = () => {
        const asked = opening.result.transaction('drafts').objectStore('drafts').get(['${projectId}', 'draft.txt'])
        asked.onsuccess = () => resolve(asked.result?.text === 'precious')
      }
    })`)
    // Without asking anybody.
    await files.page.close({ runBeforeUnload: false })
    await put('draft.txt', 'theirs')
    const again = await open()
    await again.item('draft.txt, unsaved').waitFor()
    await again.shows('precious')
    await again.conflict.getByText('This file was changed on the disk').waitFor()
    await again.button('Keep mine').click()
    await again.fileState.filter({ hasText: 'Saved' }).waitFor()
    expect(await inside('cat', 'draft.txt')).toBe('precious')
  })

  it('asks before a tab with unsaved text is closed, by the keyboard too', async () => {
    await put('a.txt', 'a')
    await put('b.txt', 'b')
    const files = await open()
    await files.open('a.txt')
    await files.open('b.txt')
    await files.replaceText('changed')
    await files.tab('b.txt, unsaved').focus()
    await files.page.keyboard.press('Delete')
    await files.confirm('Keep it')
    await files.tab('b.txt, unsaved').focus()
    await files.page.keyboard.press('Delete')
    await files.confirm('Close without saving')
    await files.shows('a')
    expect(await files.page.getByRole('tab').count()).toBe(1)
    expect(await files.page.evaluate('document.activeElement !== document.body')).toBe(true)
    expect(await inside('cat', 'b.txt')).toBe('b')
  })

  it('signs in again over the page, where unsaved text waits', async () => {
    await put('text.txt', 'before')
    const files = await open()
    await files.open('text.txt')
    await files.replaceText('after')
    await context.request.post(`${fixture.origin}/auth/logout`, { headers: headers() })
    await files.page.getByRole('dialog', { name: 'Sign in' }).waitFor()
    expect(await violationsOf(files.page)).toEqual([])
    await fillIn(files.page, 'Sign in', email, PASSWORD)
    await files.page.getByRole('dialog').waitFor({ state: 'detached' })
    cookies = await context.cookies()
    await files.state.filter({ hasText: 'Connected' }).waitFor()
    await files.shows('after')
    await files.editor.focus()
    await files.save()
    expect(await inside('cat', 'text.txt')).toBe('after')
  })

  it('has terminals by name, which are there again with their output after a reload, and are no more for it', async () => {
    const page = await newPage('?terminal=latest')
    const terminal = terminalPage(page)
    await terminal.ready()
    await terminal.run('echo first-$((1+1))')
    await terminal.shows(/^first-2$/m)
    await page.getByRole('button', { name: 'New terminal' }).click()
    await terminal.ready()
    await terminal.run('echo second-$((1+1))')
    await terminal.shows(/^second-2$/m)
    await choose(page, 'More about the terminal', 'Rename')
    await page.getByRole('dialog').getByRole('textbox').fill('server')
    await page.keyboard.press('Enter')
    const tabs = page.getByRole('tablist', { name: 'Terminals' }).getByRole('tab')
    await page.getByRole('tab', { name: 'server' }).waitFor()
    for (let round = 0; round < 5; round++) {
      await page.reload()
      await terminal.ready()
    }
    await terminal.shows(/^second-2$/m)
    expect(await tabs.count()).toBe(2)
    expect(await page.getByRole('tab', { name: 'server' }).getAttribute('aria-selected')).toBe('true')
    await tabs.first().click()
    await terminal.shows(/^first-2$/m)
    await page.goto(pageUrl())
    await page.goto(pageUrl('?terminal=latest'))
    await terminal.ready()
    expect((await terminals()).length).toBe(2)
    await page.getByRole('tab', { name: 'server' }).focus()
    await page.keyboard.press('Delete')
    await page.getByRole('dialog').getByRole('button', { name: 'End this terminal' }).click()
    await waitFor('one terminal less', async () => (await terminals()).length === 1)
    expect(await tabs.count()).toBe(1)
  })

  it('copies what is selected in the terminal by Ctrl+C, and the next one is the program\'s', async () => {
    const page = await newPage('?terminal=latest')
    const terminal = terminalPage(page)
    await terminal.ready()
    await terminal.run('echo copy-$((1+1)); sleep 1000')
    await terminal.shows(/^copy-2$/m)
    await page.evaluate('berth.terminal.selectAll()')
    await page.keyboard.press('Control+C')
    await waitFor('the selection in the clipboard', async () => (await page.evaluate<string>('navigator.clipboard.readText()')).includes('copy-2'))
    expect(await terminal.text()).not.toContain('^C')
    await page.keyboard.press('Control+C')
    await terminal.shows(/\^C/)
  })

  it('says so where another window has given the terminal its size', async () => {
    const page = await newPage('?terminal=latest')
    await terminalPage(page).ready()
    const id = (await terminals())[0]?.id ?? ''
    await context.request.post(api(`/terminals/${id}/resize`), { headers: headers(), data: { cols: 61, rows: 11 } })
    await page.getByText('61 × 11, as another window has it').waitFor()
    await page.getByRole('button', { name: 'Fit this window' }).click()
    await page.getByText('61 × 11').waitFor({ state: 'detached' })
    expect(await page.evaluate('berth.terminal.cols')).not.toBe(61)
  })

  it('reaches each of 6,000 entries of a directory, in order, and draws those that can be seen', async () => {
    await inside('sh', '-c', 'mkdir many; cd many; for i in $(seq 6000); do : > f$i; done')
    const files = await open()
    await files.item('many').click()
    await files.item('f1').waitFor()
    expect(await files.item('f1').getAttribute('aria-setsize')).toBe('6000')
    await files.page.keyboard.press('End')
    await files.item('f6000').waitFor()
    expect(await files.item('f6000').getAttribute('aria-posinset')).toBe('6000')
    await files.page.keyboard.press('ArrowUp')
    await waitFor('the one before', async () => await files.page.evaluate<string>('document.activeElement.ariaLabel') === 'f5999')
    expect(await files.tree.getByRole('treeitem').count()).toBeLessThan(120)
  })

  it('means no other file by its buttons than the one that is chosen, and keeps the focus in the tree', async () => {
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await put(name, name)
    const files = await open()
    const focused = async (): Promise<string> => await files.page.evaluate<string>('document.activeElement.ariaLabel')
    await files.item('a.txt').click()
    await files.button('Delete').click()
    await files.confirm('Delete')
    await files.item('a.txt').waitFor({ state: 'detached' })
    await waitFor('the focus on its neighbour', async () => await focused() === 'b.txt')
    await files.open('b.txt')
    await inside('rm', 'b.txt')
    await files.item('b.txt').waitFor({ state: 'detached' })
    expect(await files.button('Delete').getAttribute('aria-disabled')).toBe('true')
    await files.button('Delete').dispatchEvent('click')
    expect(await files.page.getByRole('dialog').count()).toBe(0)
  })

  it('opens a file by some letters of its name, and at a text that is in it', async () => {
    await put('src/deep/needle.py', 'first\n  üx = "Findme"\n')
    await put('src/other.py', 'find\n')
    await inside('sh', '-c', 'mkdir -p node_modules/x && echo "Findme" > node_modules/x/needle.py')
    const files = await open()
    const { page } = files
    const found = async (...texts: string[]) => await waitFor(`only ${texts.join()}`, async () => (await page.getByRole('option').allTextContents()).join() === texts.join())
    await page.keyboard.press('Control+P')
    await page.keyboard.type('ndl')
    await found('needle.pysrc/deep/needle.py')
    await page.keyboard.press('Enter')
    await files.tab('needle.py').waitFor()
    await page.keyboard.press('Control+Shift+F')
    await page.keyboard.type('findme')
    await found('üx = "Findme"src/deep/needle.py:2')
    await page.keyboard.press('Enter')
    await waitFor('the place', async () => await cursor(files) === 'Ln 2, Col 9')
    await page.keyboard.press('Control+Shift+F')
    await page.keyboard.type('FINDME')
    await page.getByRole('status').getByText('Nothing found.').waitFor()
    await page.keyboard.press('Escape')
  })

  it('runs the file that is shown in a terminal, as it is by then, and the project where a file is nothing to run', async () => {
    await put('greet.py', 'print("Hello", input("Who? "))\n')
    await put('notes.txt', 'nothing to run')
    await put('main.py', 'print("all of", "it")\n')
    const files = await open()
    const { page } = files
    const terminal = terminalPage(page)
    await files.open('greet.py')
    await files.editor.focus()
    await page.keyboard.press('Control+Enter')
    await terminal.shows(/Who\?/)
    await page.keyboard.type('Ada\n')
    await terminal.shows(/^Hello Ada$/m)
    await page.getByText('The program ended with code 0').waitFor()
    await page.getByRole('button', { name: 'Run again' }).click()
    await terminal.shows(/^Who\? $/m)
    expect(await page.getByRole('tablist', { name: 'Terminals' }).getByRole('tab').count()).toBe(1)
    await page.keyboard.type('Bob\n')
    await terminal.shows(/^Hello Bob$/m)
    expect(await inside('cat', 'greet.py')).toBe('print("Hello", input("Who? "))\n')
    await files.replaceText('raise SystemExit(3)')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByText('The program ended with code 3').waitFor()
    await files.open('notes.txt')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('tab', { name: 'bench' }).waitFor()
    await terminal.shows(/^all of it$/m)
    const { processes } = await (await context.request.get(api('/processes'))).json() as { processes: unknown[] }
    expect(processes.length).toBe(2)
    await page.getByRole('tab', { name: 'bench' }).focus()
    await page.keyboard.press('Delete')
    await waitFor('the process to be forgotten', async () => (await (await context.request.get(api('/processes'))).json() as { processes: unknown[] }).processes.length === 1)
  })

  it('moves what is dragged into a directory', async () => {
    await put('lib/in.txt', '')
    await put('move.txt', 'moved')
    const files = await open()
    await files.item('move.txt').dragTo(files.item('lib'))
    await files.tree.locator('[data-path="lib/move.txt"]').waitFor()
    await files.tree.locator('[data-path="move.txt"]').waitFor({ state: 'detached' })
    expect(await inside('cat', 'lib/move.txt')).toBe('moved')
  })

  it('uploads a folder, says how far it is, and stops when told to', async () => {
    const files = await open()
    const held: Array<() => void> = []
    await files.page.route('**/files/second.bin', async (route) => {
      await new Promise<void>((resolve) => held.push(resolve))
      await route.continue().catch(() => undefined)
    })
    await files.page.locator('#upload-files').setInputFiles(['first.bin', 'second.bin', 'third.bin'].map((name) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(name) })))
    await files.page.getByText(/Uploading 2 of 3: second\.bin, \d+ %/).waitFor()
    await files.button('Stop the upload').click()
    await files.item('first.bin').waitFor()
    await files.page.getByText(/Uploading/).waitFor({ state: 'detached' })
    for (const go of held) go()
    expect(await inside('ls')).toBe('first.bin\n')
    expect(await files.page.locator('#upload-folder').getAttribute('webkitdirectory')).toBe('')
  })

  it('has panes whose lines the arrows and the pointer move, and keeps them', async () => {
    const files = await open()
    const line = files.page.getByRole('separator', { name: 'Width of the files' })
    const value = async (): Promise<number> => Number(await line.getAttribute('aria-valuenow'))
    const before = await value()
    await line.focus()
    await files.page.keyboard.press('ArrowRight')
    await files.page.keyboard.press('ArrowRight')
    expect(await value()).toBe(before + 4)
    const { x = 0, y = 0 } = await line.boundingBox() ?? {}
    await files.page.mouse.move(x, y + 50)
    await files.page.mouse.down()
    await files.page.mouse.move(640, y + 50)
    await files.page.mouse.up()
    expect(await value()).toBe(50)
    await files.page.reload()
    await files.ready()
    expect(await value()).toBe(50)
    await line.focus()
    await files.page.keyboard.press('Home')
    expect(await value()).toBe(8)
  })

  it('goes from pane to pane by F6, out of the terminal too', async () => {
    await put('a.txt', 'a')
    const files = await open()
    await files.open('a.txt')
    await files.page.keyboard.press('Control+Backquote')
    await terminalPage(files.page).ready()
    const pane = async (): Promise<string> => await files.page.evaluate<string>("document.activeElement.closest('section')?.ariaLabel ?? ''")
    const seen = []
    for (let press = 0; press < 3; press++) {
      await files.page.keyboard.press('F6')
      seen.push(await pane())
    }
    expect(seen).toEqual(['Files', 'Editor', 'Terminals'])
  })

  it('shows what the project serves beside its code', async () => {
    await put('index.html', '<h1>Served here</h1>')
    await put('sub/index.html', '<h1>And there</h1>')
    const files = await open()
    await files.button('Preview').click()
    const { preview } = await (await context.request.get(api('/status'))).json() as { preview: { port: number } }
    await context.request.post(api('/processes'), { headers: headers(), data: { cmd: ['python3', '-m', 'http.server', String(preview.port)], name: 'web' } })
    const frame = files.page.frameLocator('iframe')
    await frame.getByRole('heading', { name: 'Served here' }).waitFor()
    await files.page.getByLabel('Path', { exact: true }).fill('/sub/')
    await files.page.keyboard.press('Enter')
    await frame.getByRole('heading', { name: 'And there' }).waitFor()
    await files.page.getByLabel('Path', { exact: true }).fill('//example.org/')
    await files.page.keyboard.press('Enter')
    expect(new URL(await files.page.locator('iframe').getAttribute('src') ?? '').hostname).toMatch(/localhost$/)
    await choose(files.page, 'Share', 'Copy the link to the preview')
    await waitFor('the link', async () => (await files.page.evaluate<string>('navigator.clipboard.readText()')).includes(`//${preview.port}--`))
  })

  it('shows pictures, and offers what is none for download', async () => {
    const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    await inside('sh', '-c', `echo ${picture} | base64 -d > dot.png; printf '\\000no picture' > broken.png`)
    const files = await open()
    await files.open('dot.png')
    await files.page.getByRole('img', { name: 'dot.png' }).waitFor()
    await waitFor('the picture', async () => await files.page.evaluate<boolean>("document.querySelector('.picture-frame img')?.naturalWidth === 1"))
    expect(await violationsOf(files.page)).toEqual([])
    await files.open('broken.png')
    await files.page.getByText('not text').waitFor()
  })

  it('can be used by everybody, in each look and with everything shown', async () => {
    await put('a.py', 'def f(x):\n    return "text"  # why\n')
    await put('dir/b.txt', '')
    const files = await open('?terminal=latest')
    await files.item('dir').click()
    await files.open('a.py')
    await terminalPage(files.page).ready()
    await files.button('Preview').click()
    for (const theme of ['light', 'dark', 'contrast']) {
      await files.page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
      expect(await violationsOf(files.page)).toEqual([])
    }
    await files.page.evaluate("document.documentElement.dataset.theme = 'light'")
    await choose(files.page, /^More$/, 'Snapshots')
    await files.button('Take a snapshot').waitFor()
    expect(await violationsOf(files.page)).toEqual([])
  })

  it('has all of it on a phone, one pane at a time, with keys that phones lack and a finger that scrolls', async () => {
    await newContext({ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true })
    await put('a.txt', 'a')
    const files = await open()
    const { page } = files
    const width = async (): Promise<number> => await page.evaluate<number>('document.documentElement.scrollWidth')
    await files.item('a.txt').tap()
    await files.shows('a')
    expect(await width()).toBe(390)
    await page.getByRole('navigation', { name: 'Panes' }).getByRole('button', { name: 'Terminals' }).tap()
    await page.getByRole('button', { name: 'New terminal' }).last().tap()
    const terminal = terminalPage(page)
    await terminal.ready()
    await terminal.run('cat -v')
    await page.getByRole('button', { name: 'Esc', exact: true }).tap()
    await page.keyboard.press('Enter')
    await terminal.shows(/\^\[/)
    await page.getByRole('button', { name: 'Ctrl', exact: true }).tap()
    await terminal.type('c')
    await terminal.run('clear; seq 500')
    await terminal.shows(/^500$/m)
    const top = async (): Promise<number> => await page.evaluate<number>('berth.terminal.buffer.active.viewportY')
    const before = await top()
    const box = await page.locator('.xterm-screen').boundingBox() ?? { x: 0, y: 0 }
    const touch = await context.newCDPSession(page)
    const at = (y: number) => [{ x: box.x + 100, y: box.y + y }]
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(20) })
    for (let y = 20; y <= 220; y += 20) await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(y) })
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await waitFor('what has scrolled away', async () => await top() < before)
    expect(await width()).toBe(390)
    expect(await violationsOf(page)).toEqual([])
  })
})
