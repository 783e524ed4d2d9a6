import { readFile } from 'node:fs/promises'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createCuttableProxy } from '../support/cuttable-proxy.ts'
import { waitFor } from '../support/wait-for.ts'
import { filesPage, type FilesPage } from './support/files-page.ts'
import { createFixture } from './support/fixture.ts'
import { choose, createProject, projectItem, signUp } from './support/start-page.ts'
import { terminalPage } from './support/terminal-page.ts'

const fixture = createFixture()
let context: BrowserContext
let projectId: string

const pageUrl = (origin = fixture.origin): string => `${origin}/p/${projectId}`
const api = (path: string): string => `${fixture.origin}/projects/${projectId}${path}`
const headers = (): Record<string, string> => ({ Origin: fixture.origin })

async function openPage (url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  return page
}

async function openFiles (url = pageUrl()): Promise<FilesPage> {
  const files = filesPage(await openPage(url))
  await files.ready()
  return files
}

/** What a program in the project's container does, and prints. */
async function inside (...cmd: string[]): Promise<string> {
  const response = await context.request.post(api('/exec'), { headers: headers(), data: { cmd } })
  expect(response.status()).toBe(200)
  const { output, exitCode, error } = await response.json() as { output: string, exitCode: number, error: string }
  expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' })
  return output
}

async function put (path: string, content: string | Buffer): Promise<void> {
  const url = api(`/files/${path.split('/').map(encodeURIComponent).join('/')}`)
  const response = await context.request.put(url, { headers: { ...headers(), 'Content-Type': 'application/octet-stream' }, data: content })
  expect([201, 204]).toContain(response.status())
}

async function empty (): Promise<void> {
  await inside('find', '.', '-mindepth', '1', '-delete')
}

beforeAll(async () => {
  context = await fixture.newContext()
  const page = await context.newPage()
  await signUp(page, fixture.origin)
  await createProject(page, 'desk', 'python')
  await projectItem(page, 'desk').getByRole('link', { name: 'Files of desk' }).click()
  await filesPage(page).ready()
  projectId = /\/p\/([^?]+)/.exec(page.url())?.[1] ?? ''
  await page.close()
})
afterAll(async () => {
  await context.request.delete(api(''), { headers: headers() })
})

beforeEach(async () => {
  await empty()
})
afterEach(async () => {
  for (const page of context.pages()) {
    if (!page.isClosed()) await page.evaluate('localStorage.clear()')
    await page.close()
  }
})

describe('the files page', () => {
  it('saves what is edited, and the program in the container sees it', async () => {
    await put('src/main.py', 'print(1)\n')
    const files = await openFiles()
    await files.item('src').click()
    await files.open('main.py')
    await files.shows('print(1)\n')
    await files.replaceText('print(6 * 7)\n')
    await files.fileState.filter({ hasText: 'Unsaved changes' }).waitFor()
    await files.item('main.py, unsaved').waitFor()
    await files.save()
    expect(await inside('python3', 'src/main.py')).toBe('42\n')
    await files.item('main.py').waitFor()
  })

  it('shows what a program writes in the open editor, and keeps the cursor at its text', async () => {
    await put('log.txt', 'one\ntwo\n')
    const files = await openFiles()
    await files.open('log.txt')
    await files.shows('one\ntwo\n')
    await files.page.keyboard.press('Control+End')
    await inside('sh', '-c', 'printf "zero\\none\\ntwo\\n" > new; mv new log.txt')
    await files.shows('zero\none\ntwo\n')
    await files.page.keyboard.type('three')
    await files.shows('zero\none\ntwo\nthree')
  })

  it('follows what comes and goes in the directories that are open', async () => {
    await put('a/old.txt', '')
    const files = await openFiles()
    await files.item('a').click()
    await files.item('old.txt').waitFor()
    await inside('sh', '-c', 'mkdir b; touch a/new.txt; mv a/old.txt b/moved.txt')
    await files.item('new.txt').waitFor()
    await files.item('old.txt').waitFor({ state: 'detached' })
    await files.item('b').click()
    await files.item('moved.txt').waitFor()
    await inside('rm', '-r', 'a')
    await files.item('a').waitFor({ state: 'detached' })
  })

  it('asks whose text it is to be when a file was changed on both sides', async () => {
    await put('shared.txt', 'start')
    const files = await openFiles()
    await files.open('shared.txt')
    await files.replaceText('mine')
    await inside('sh', '-c', 'printf theirs > shared.txt')
    await files.conflict.getByText('This file was changed on the disk').waitFor()
    expect(await files.text()).toBe('mine')
    await files.button('Take theirs').click()
    await files.shows('theirs')
    await files.fileState.filter({ hasText: 'Saved' }).waitFor()
    await files.replaceText('mine again')
    await inside('sh', '-c', 'printf "theirs again" > shared.txt')
    await files.button('Keep mine').click()
    await files.fileState.filter({ hasText: 'Saved' }).waitFor()
    await files.conflict.waitFor({ state: 'hidden' })
    expect(await inside('cat', 'shared.txt')).toBe('mine again')
  })

  it('keeps the text of a file that is deleted meanwhile, and makes it again', async () => {
    await put('gone.txt', 'precious')
    const files = await openFiles()
    await files.open('gone.txt')
    await inside('rm', 'gone.txt')
    await files.conflict.getByText('no longer on the disk').waitFor()
    await files.shows('precious')
    await files.editor.focus()
    await files.save()
    expect(await inside('cat', 'gone.txt')).toBe('precious')
  })

  it('does nothing that a file\'s name or content says', async () => {
    const names = ['<img src=x onerror=alert(1)>.py', '"><svg onload=alert(2)>.md', 'new\nline', 'ünï ©ode 日本 🎉', '__proto__', "a'b&amp;c"]
    for (const name of names) await inside('sh', '-c', 'printf "<script>alert(3)</script>" > "$1"', 'sh', name)
    // Shown as it is spelt, it would end in "exe.txt".
    await inside('touch', 'evil\u202etxt.exe')
    const files = await openFiles()
    const dialogs: string[] = []
    files.page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    await files.item('evil\\u202etxt.exe').waitFor()
    for (const name of names) {
      await files.item(name.replace('\n', '\\n')).click()
      await files.fileName.getByText(name.replace('\n', '\\n'), { exact: true }).waitFor()
      await files.shows('<script>alert(3)</script>')
    }
    expect(await files.page.locator('img[src=x], .tree svg').count()).toBe(0)
    expect(dialogs).toEqual([])
  })

  it('makes, renames and deletes with the keyboard alone', async () => {
    const files = await openFiles()
    const { page } = files
    await files.button('New folder').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type('lib')
    await page.keyboard.press('Enter')
    await files.item('lib').waitFor()
    await files.button('New file').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type('util.py')
    await page.keyboard.press('Enter')
    await files.item('util.py').waitFor()
    await files.editor.waitFor()
    await page.keyboard.type('x = 1')
    await files.item('util.py, unsaved').focus()
    await page.keyboard.press('F2')
    // The name in the path is selected.
    await page.keyboard.type('tools.py')
    await page.keyboard.press('Enter')
    await files.item('tools.py, unsaved').waitFor()
    await files.save()
    expect(await inside('cat', 'lib/tools.py')).toBe('x = 1')
    await files.item('lib').focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Delete')
    await files.confirm('Delete')
    await files.item('tools.py').waitFor({ state: 'detached' })
    expect(await inside('ls', 'lib')).toBe('')
    await page.getByText('Choose a file').waitFor()
  })

  it('does not delete what somebody has second thoughts about, and refuses a name that is taken', async () => {
    await put('a.txt', 'a')
    await put('b.txt', 'b')
    const files = await openFiles()
    await files.open('b.txt')
    await files.replaceText('unsaved')
    await files.item('b.txt, unsaved').waitFor()
    await files.item('a.txt').click()
    await files.button('Delete').click()
    await files.confirm('Keep it')
    await files.button('Rename').click()
    await files.answer('b.txt', 'Rename')
    await files.page.getByRole('alert').getByText('There is a “b.txt” already.').waitFor()
    await files.button('Rename').click()
    await files.answer('../b.txt', 'Rename')
    await files.page.getByRole('dialog').getByRole('alert').getByText('No part of a path').waitFor()
    await files.confirm('Cancel')
    expect(await inside('cat', 'a.txt', 'b.txt')).toBe('ab')
    await files.open('b.txt')
    await files.shows('unsaved')
  })

  it('is a tree for the arrow keys', async () => {
    await put('dir/in.txt', '')
    await put('z.txt', '')
    const files = await openFiles()
    const { page } = files
    const focused = async (): Promise<string> => await page.evaluate<string>('document.activeElement.ariaLabel')
    await files.item('dir').focus()
    await page.keyboard.press('ArrowRight')
    await files.item('in.txt').waitFor()
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe('in.txt')
    await page.keyboard.press('End')
    expect(await focused()).toBe('z.txt')
    await page.keyboard.press('Home')
    expect(await focused()).toBe('dir')
    expect(await files.item('dir').getAttribute('aria-expanded')).toBe('true')
    await page.keyboard.press('ArrowLeft')
    await files.item('in.txt').waitFor({ state: 'detached' })
    await page.keyboard.type('z')
    expect(await focused()).toBe('z.txt')
  })

  it('keeps the line endings of a file', async () => {
    await put('dos.txt', 'one\r\ntwo\r\n')
    await put('mixed.txt', 'one\r\ntwo\n')
    const files = await openFiles()
    for (const name of ['dos.txt', 'mixed.txt']) {
      await files.open(name)
      await files.editor.getByText('two').waitFor()
      await files.page.keyboard.press('Control+End')
      await files.page.keyboard.type('three')
      await files.save()
    }
    expect(JSON.stringify(await inside('cat', 'dos.txt', 'mixed.txt'))).toBe(JSON.stringify('one\r\ntwo\r\nthreeone\r\ntwo\nthree'))
  })

  it('draws what a build writes all at once', async () => {
    const files = await openFiles()
    await inside('sh', '-c', 'mkdir out; for i in $(seq 1500); do : > out/$i.o; done')
    await files.item('out').click()
    await files.item('1.o').waitFor()
    await files.page.keyboard.press('End')
    await files.item('1500.o').waitFor()
    await inside('sh', '-c', 'rm out/*; touch out/last')
    await files.item('last').waitFor()
    await waitFor('only one file', async () => await files.tree.getByRole('treeitem').count() === 2)
  })

  it('offers what is no text, and what is too large, for download', async () => {
    await put('binary', Buffer.from([0xff, 0, 1]))
    await put('large.txt', 'x'.repeat(1024 ** 2 + 1))
    const files = await openFiles()
    await files.open('large.txt')
    await files.page.getByText('too large').waitFor()
    await files.open('binary')
    await files.page.getByText('not text').waitFor()
    const [download] = await Promise.all([files.page.waitForEvent('download'), files.page.getByRole('link', { name: 'Download', exact: true }).click()])
    expect(await readFile(await download.path())).toEqual(Buffer.from([0xff, 0, 1]))
  })

  it('uploads, and replaces only what it may', async () => {
    await put('data.bin', 'old')
    const files = await openFiles()
    const upload = async (content: string): Promise<void> =>
      await files.page.locator('#upload-files').setInputFiles({ name: 'data.bin', mimeType: 'application/octet-stream', buffer: Buffer.from(content) })
    await upload('no')
    await files.confirm('Keep it')
    await upload('new')
    await files.confirm('Replace')
    await waitFor('the new content', async () => await inside('cat', 'data.bin') === 'new')
  })

  it('takes a file that is dropped on a directory', async () => {
    await put('target/here.txt', '')
    const files = await openFiles()
    await files.item('target').waitFor()
    await files.item('target').locator('.row').dispatchEvent('drop', {
      dataTransfer: await files.page.evaluateHandle(`(() => {
        const transfer = new DataTransfer()
        transfer.items.add(new File(['dropped'], 'drop.txt'))
        return transfer
      })()`)
    })
    await files.item('drop.txt').waitFor()
    expect(await inside('cat', 'target/drop.txt')).toBe('dropped')
  })

  it.each([['indent.py', 'def f():', 'def f():\n    '], ['indent.js', 'if (x) {', 'if (x) {\n  ']])('indents %s as its language is written', async (name, typed, expected) => {
    await put(name, '')
    const files = await openFiles()
    await files.open(name)
    await files.editor.focus()
    await files.page.keyboard.type(`${typed}\n`)
    await files.shows(expected)
  })

  it.each(['Makefile', 'main.go'])('indents %s by tabs', async (name) => {
    await put(name, 'all:\n')
    const files = await openFiles()
    await files.open(name)
    await files.editor.focus()
    await files.page.keyboard.press('Control+End')
    await files.page.keyboard.press('Tab')
    await files.page.keyboard.type('true')
    await files.save()
    expect(await inside('cat', name)).toBe('all:\n\ttrue')
  })

  it('shows what shells keep in the home directory only when asked to', async () => {
    await put('.bash_history', 'ls')
    await put('.env', 'A=1')
    const files = await openFiles()
    await files.item('.env').waitFor()
    expect(await files.item('.bash_history').count()).toBe(0)
    await files.button('Hidden files').click()
    await files.item('.bash_history').waitFor()
  })

  it('says when the project stops, and puts that off', async () => {
    const files = await openFiles()
    await files.page.getByText(/^stops in \d+ min$/).waitFor()
    const status = async (): Promise<number> => Date.parse((await (await context.request.get(api('/status'))).json() as { stopsAt: string }).stopsAt)
    const before = await status()
    await files.button('Keep running').click()
    await waitFor('a later stop', async () => await status() > before)
  })

  it('keeps unsaved text through a lost connection, and saves it afterwards', async () => {
    await put('kept.txt', 'before')
    const network = createCuttableProxy({ host: '127.0.0.1', port: Number(new URL(fixture.origin).port) }, { host: '127.0.0.1', port: 0 })
    await network.open()
    onTestFinished(network.cut)
    const files = await openFiles(pageUrl(`http://localhost:${network.port()}`))
    await files.open('kept.txt')
    await network.cut()
    await files.state.filter({ hasText: /Reconnecting|Connection lost/ }).waitFor()
    await files.replaceText('after')
    await files.page.keyboard.press('Control+S')
    await files.fileState.filter({ hasText: 'Unsaved' }).waitFor({ timeout: 30_000 })
    await inside('touch', 'meanwhile')
    await network.open()
    await files.item('meanwhile').waitFor({ timeout: 30_000 })
    await files.fileState.filter({ hasText: /^Saved$/ }).waitFor()
    expect(await files.text()).toBe('after')
    expect(await inside('cat', 'kept.txt')).toBe('after')
    expect(await files.page.getByRole('alert').filter({ hasText: /./ }).count()).toBe(0)
  })

  it('takes a notice about the connection away when it is back', async () => {
    await put('later.txt', 'text')
    const network = createCuttableProxy({ host: '127.0.0.1', port: Number(new URL(fixture.origin).port) }, { host: '127.0.0.1', port: 0 })
    await network.open()
    onTestFinished(network.cut)
    const files = await openFiles(pageUrl(`http://127.0.0.1:${network.port()}`))
    await files.item('later.txt').waitFor()
    await network.cut()
    await files.state.filter({ hasText: /Reconnecting|Connection lost/ }).waitFor()
    await files.tree.locator('.row', { hasText: 'later.txt' }).click()
    await files.page.getByRole('alert').getByText('no connection').waitFor({ timeout: 30_000 })
    await network.open()
    await files.state.filter({ hasText: 'Connected' }).waitFor({ timeout: 30_000 })
    await waitFor('no notice', async () => await files.page.getByRole('alert').filter({ hasText: /./ }).count() === 0)
  })

  it('notices a connection that has died unclosed, and saves what was being saved', async () => {
    await put('hole.txt', 'before')
    const network = createCuttableProxy({ host: '127.0.0.1', port: Number(new URL(fixture.origin).port) }, { host: '127.0.0.1', port: 0 })
    await network.open()
    onTestFinished(network.cut)
    const files = await openFiles(pageUrl(`http://127.0.0.1:${network.port()}`))
    await files.open('hole.txt')
    network.swallow()
    await files.replaceText('after')
    await files.page.keyboard.press('Control+S')
    await files.state.filter({ hasText: /Reconnecting|Connection lost/ }).waitFor({ timeout: 30_000 })
    await files.fileState.filter({ hasText: 'Unsaved' }).waitFor({ timeout: 30_000 })
    network.restore()
    await files.fileState.filter({ hasText: /^Saved$/ }).waitFor({ timeout: 30_000 })
    expect(await inside('cat', 'hole.txt')).toBe('after')
  })

  it('asks before a window with unsaved text is closed', async () => {
    await put('draft.txt', '')
    const files = await openFiles()
    await files.open('draft.txt')
    await files.replaceText('not saved')
    const asked = files.page.waitForEvent('dialog')
    await files.page.close({ runBeforeUnload: true })
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.accept()
    await waitFor('the window to close', () => files.page.isClosed())
  })

  it('works on a project that is stopped, and lets it rest', async () => {
    await put('main.py', 'print(1)')
    await context.request.post(api('/stop'), { headers: headers() })
    const files = await openFiles()
    await files.open('main.py')
    await files.replaceText('print(2)')
    await files.save()
    const { status } = await (await context.request.get(api('/status'))).json() as { status: string }
    expect(status).toBe('stopped')
    expect(await inside('python3', 'main.py')).toBe('2\n')
  })

  it('takes a snapshot and goes back to it', async () => {
    await put('main.py', 'print(1)')
    const files = await openFiles()
    const { page } = files
    await files.open('main.py')
    await choose(page, /^More$/, 'Snapshots')
    await page.getByRole('dialog').getByLabel('Name').fill('first')
    await files.button('Take a snapshot').click()
    await page.getByRole('listitem').filter({ hasText: 'first' }).waitFor()
    await inside('sh', '-c', 'printf "print(2)" > main.py; touch extra')
    await files.button('Restore first').click()
    await files.confirmLast('Restore')
    await files.shows('print(1)')
    await files.button('Delete first').click()
    await files.confirmLast('Delete')
    await files.button('Restore first').waitFor({ state: 'detached' })
    await files.button('Close').click()
    await files.item('extra').waitFor({ state: 'detached' })
  })

  it('fits a phone without scrolling sideways', async () => {
    await put('a-name-that-is-much-longer-than-what-a-phone-has-room-for-on-one-line.py', `${'x'.repeat(500)}\n`)
    const files = await openFiles()
    await files.page.setViewportSize({ width: 360, height: 640 })
    await files.open('a-name-that-is-much-longer')
    await files.editor.waitFor()
    expect(await files.page.evaluate<number>('document.documentElement.scrollWidth')).toBe(360)
  })

  it('keeps unsaved text while another file is looked at', async () => {
    await put('one.txt', 'one')
    await put('two.txt', 'two')
    const files = await openFiles()
    await files.open('one.txt')
    await files.replaceText('changed')
    await files.open('two.txt')
    await files.shows('two')
    await inside('sh', '-c', 'printf theirs > one.txt')
    await files.open('one.txt')
    await files.conflict.getByText('This file was changed on the disk').waitFor()
    await files.shows('changed')
  })

  it('says that there is no such project, and goes to the projects without one', async () => {
    const page = await openPage(`${fixture.origin}/files.html?project=22222222-2222-4222-8222-222222222222`)
    await page.getByRole('alert').filter({ hasText: /project/i }).waitFor()
    await page.goto(`${fixture.origin}/files.html`)
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
  })

  it('leads to the terminal, and back', async () => {
    await put('back.txt', 'back')
    const files = await openFiles()
    await files.open('back.txt')
    await files.page.keyboard.press('Control+Backquote')
    const terminal = terminalPage(files.page)
    await terminal.ready()
    await terminal.run('echo here-$((1+1))')
    await terminal.shows(/^here-2$/m)
    await files.page.keyboard.press('Control+Backquote')
    await waitFor('the focus in the editor', async () => await files.page.evaluate<boolean>("document.activeElement.matches('.cm-content')"))
  })
})
