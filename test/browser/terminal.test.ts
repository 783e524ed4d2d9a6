import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createCuttableProxy } from '../support/cuttable-proxy.ts'
import { waitFor } from '../support/wait-for.ts'
import { createFixture } from './support/fixture.ts'
import { choose, createProject, fillIn, PASSWORD, projectItem, signUp } from './support/start-page.ts'
import { terminalPage, type TerminalPage } from './support/terminal-page.ts'

const fixture = createFixture()
let context: BrowserContext
let email: string
let projectUrl: string

async function openPage (url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  return page
}

async function openTerminal (url = projectUrl): Promise<TerminalPage> {
  const terminal = terminalPage(await openPage(url))
  await terminal.ready()
  return terminal
}

const projectId = (): string => /\/p\/([^?]+)/.exec(projectUrl)?.[1] ?? ''

/** Shells live on without their pages, and a project may have so many only. */
async function endTerminals (): Promise<void> {
  const terminals = `${fixture.origin}/projects/${projectId()}/terminals`
  const list = await (await context.request.get(terminals)).json() as { terminals: Array<{ id: string }> }
  for (const { id } of list.terminals) await context.request.delete(`${terminals}/${id}`, { headers: { Origin: fixture.origin } })
}

beforeAll(async () => {
  context = await fixture.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  const page = await context.newPage()
  email = await signUp(page, fixture.origin)
  await createProject(page, 'shell', 'python')
  await projectItem(page, 'shell').getByRole('link', { name: 'Terminal of shell' }).click()
  await terminalPage(page).ready()
  projectUrl = page.url().replace(/\?.*/, '?terminal=latest')
  await page.close()
})
afterAll(async () => {
  await context.request.delete(`${fixture.origin}/projects/${projectId()}`, { headers: { Origin: fixture.origin } })
})

afterEach(async () => {
  for (const page of context.pages()) {
    await page.evaluate('localStorage.clear()')
    await page.close()
  }
  await endTerminals()
})

describe('the terminal page', () => {
  it('runs what is typed', async () => {
    const terminal = await openTerminal()
    await terminal.run("python3 -c 'print(6*7)'")
    await terminal.shows(/^42$/m)
    expect(await terminal.page.title()).not.toBe('')
  })

  it('tells the shell its size, from the first prompt on and whenever the window changes', async () => {
    const terminal = await openTerminal()
    const size = async (): Promise<string> => await terminal.page.evaluate<string>('[berth.terminal.rows, berth.terminal.cols].join(" ")')
    const first = await size()
    await terminal.run('stty size')
    await terminal.shows(new RegExp(`^${first}$`, 'm'))
    await terminal.page.setViewportSize({ width: 700, height: 400 })
    const second = await waitFor('another size', async () => await size() !== first && await size())
    await terminal.run('clear; until [ "$(stty size)" = ' + `'${second}' ]; do sleep 0.1; done; echo resized-$((1+1))`)
    await terminal.shows(/^resized-2$/m)
  })

  it('draws underscores, which not every font does in a cell of whole pixels', async () => {
    const terminal = await openTerminal()
    await terminal.run('clear; printf "%s\\n" ____ ""; sleep 1000')
    await terminal.shows(/^____$/m)
    const row = async (index: number): Promise<string> => (await terminal.page.locator('.xterm-rows > div').nth(index).screenshot()).toString('base64')
    expect(await row(0)).not.toBe(await row(1))
    await terminal.page.keyboard.press('Control+C')
  })

  it('leads from the address that a server prints to the preview of its port', async () => {
    const terminal = await openTerminal()
    await terminal.run('clear; echo http://localhost:5173/app?x=1')
    await terminal.shows(/^http:\/\/localhost:5173/m)
    const opened = context.waitForEvent('page')
    const { x = 0, y = 0 } = await terminal.page.locator('.xterm-rows').boundingBox() ?? {}
    await terminal.page.mouse.move(x + 40, y + 6)
    await terminal.page.mouse.click(x + 40, y + 8)
    const preview = await opened
    await preview.waitForURL(/5173--/)
    expect(new URL(preview.url()).pathname).toBe('/app')
  })

  it('comes back to the same shell after a cut, with no byte lost or doubled', async () => {
    const network = createCuttableProxy({ host: '127.0.0.1', port: Number(new URL(fixture.origin).port) }, { host: '127.0.0.1', port: 0 })
    await network.open()
    onTestFinished(network.cut)
    const terminal = await openTerminal(projectUrl.replace(fixture.origin, `http://localhost:${network.port()}`))
    const lines = 3000
    await terminal.run('echo "shell=$$"')
    const [, shell] = await terminal.shows(/^shell=(\d+)$/m)
    await terminal.run(`for i in $(seq ${lines}); do echo "line-$i"; [ $((i % 50)) = 0 ] && sleep 0.05; done; echo "all of $$"`)
    await terminal.shows(/^line-300$/m)
    await network.cut()
    await terminal.state.filter({ hasText: /Reconnecting|Connection lost/ }).waitFor()
    await network.open()
    await terminal.state.filter({ hasText: 'Connected' }).waitFor()
    await terminal.shows(/^line-2400$/m)
    await network.cut()
    await network.open()
    await terminal.shows(new RegExp(`^all of ${shell}$`, 'm'), 30_000)
    const seen = (await terminal.text()).match(/^line-\d+$/gm)
    expect(seen).toEqual(Array.from({ length: lines }, (_, index) => `line-${index + 1}`))
  })

  it('notices a connection that has died unclosed, and comes back to the same shell with every byte once', async () => {
    const network = createCuttableProxy({ host: '127.0.0.1', port: Number(new URL(fixture.origin).port) }, { host: '127.0.0.1', port: 0 })
    await network.open()
    onTestFinished(network.cut)
    const terminal = await openTerminal(projectUrl.replace(fixture.origin, `http://127.0.0.1:${network.port()}`))
    await terminal.run('echo "shell=$$"')
    const [, shell] = await terminal.shows(/^shell=(\d+)$/m)
    await terminal.run('for i in $(seq 2000); do echo "line-$i"; [ $((i % 20)) = 0 ] && sleep 0.1; done; echo "all of $$"')
    await terminal.shows(/^line-200$/m)
    network.swallow()
    await terminal.state.filter({ hasText: /Reconnecting|Connection lost/ }).waitFor({ timeout: 30_000 })
    network.restore()
    await terminal.state.filter({ hasText: 'Connected' }).waitFor({ timeout: 30_000 })
    await terminal.shows(new RegExp(`^all of ${shell}$`, 'm'), 60_000)
    const seen = (await terminal.text()).match(/^line-\d+$/gm)
    expect(seen).toEqual(Array.from({ length: 2000 }, (_, index) => `line-${index + 1}`))
  })

  it('asks at once whether the connection lives when somebody comes back to the window', async () => {
    const network = createCuttableProxy({ host: '127.0.0.1', port: Number(new URL(fixture.origin).port) }, { host: '127.0.0.1', port: 0 })
    await network.open()
    onTestFinished(network.cut)
    const terminal = await openTerminal(projectUrl.replace(fixture.origin, `http://127.0.0.1:${network.port()}`))
    network.swallow()
    const since = performance.now()
    await terminal.page.evaluate('window.dispatchEvent(new Event("online"))')
    await terminal.state.filter({ hasText: /Reconnecting|Connection lost/ }).waitFor({ timeout: 30_000 })
    // Otherwise it would have asked after twenty seconds.
    expect(performance.now() - since).toBeLessThan(15_000)
    network.restore()
    await terminal.state.filter({ hasText: 'Connected' }).waitFor({ timeout: 30_000 })
  })

  it('shows all that was printed before to a window that comes later, and answers none of its old queries', async () => {
    const terminal = await openTerminal()
    // The terminal's answer to the query is read here; a second answer would be typed at the prompt.
    await terminal.run("printf '\\033[c'; read -r -d c -t 5 answer; echo; echo asked-$((1+1))")
    await terminal.shows(/^asked-2$/m)
    await terminal.page.reload()
    await terminal.ready()
    await terminal.shows(/^asked-2$/m)
    await terminal.run('echo typed-$((1+2))')
    await terminal.shows(/\$ echo typed-\$\(\(1\+2\)\)\ntyped-3$/m)
  })

  it('is shared by all windows with the same address', async () => {
    const first = await openTerminal()
    const second = await openTerminal(first.page.url())
    await second.run('echo from-$((1+1))')
    await first.shows(/^from-2$/m)
    await first.run('echo back-$((2+2))')
    await second.shows(/^back-4$/m)
    expect(second.page.url()).toBe(first.page.url())
  })

  it('stays responsive while a program floods it, and Ctrl-C gets through', async () => {
    const terminal = await openTerminal()
    await terminal.run('yes')
    await terminal.shows(/(^y\n){100}/m)
    const longestFrameMs = await terminal.page.evaluate<number>(`new Promise((resolve) => {
      const end = performance.now() + 1000
      let last = performance.now()
      let longest = 0
      requestAnimationFrame(function frame (now) {
        longest = Math.max(longest, now - last)
        last = now
        if (now < end) requestAnimationFrame(frame)
        else resolve(longest)
      })
    })`)
    expect(longestFrameMs).toBeLessThan(500)
    await terminal.page.keyboard.press('Control+C')
    await terminal.run('clear; echo after-$((20+3))')
    await terminal.shows(/^after-23$/m)
  })

  it('says how the shell ended and opens another', async () => {
    const terminal = await openTerminal()
    await terminal.run('exit 3')
    await terminal.page.getByRole('alert').filter({ hasText: 'The shell ended with code 3' }).waitFor()
    const old = terminal.page.url()
    // It has the focus.
    await terminal.page.keyboard.press('Enter')
    await terminal.ready()
    await terminal.run('echo new-$((1+1))')
    await terminal.shows(/^new-2$/m)
    expect(terminal.page.url()).not.toBe(old)
  })

  it('opens a new shell under an address whose shell is gone', async () => {
    const terminal = await openTerminal(projectUrl.replace('latest', '11111111-1111-4111-8111-111111111111'))
    await terminal.run('echo fresh-$((1+1))')
    await terminal.shows(/^fresh-2$/m)
  })

  it('copies the selection and pastes as one piece, by Ctrl-Shift-C and Ctrl-Shift-V', async () => {
    const terminal = await openTerminal()
    const { page } = terminal
    await terminal.run('echo copy-$((1+1))')
    await terminal.shows(/^copy-2$/m)
    await page.evaluate('berth.terminal.selectAll()')
    await page.keyboard.press('Control+Shift+C')
    await waitFor('the selection in the clipboard', async () => (await page.evaluate<string>('navigator.clipboard.readText()')).includes('copy-2'))
    await page.evaluate('berth.terminal.clearSelection(); navigator.clipboard.writeText("echo one-$((1+1))\\necho two-$((1+1))")')
    await page.keyboard.press('Control+Shift+V')
    await terminal.shows(/echo two-\$\(\(1\+1\)\)/)
    // A bracketed paste waits for Enter, and then runs as a whole.
    expect(await terminal.text()).not.toMatch(/^one-2$/m)
    await page.keyboard.press('Enter')
    await terminal.shows(/^two-2$/m)
  })

  it('finds text, also what has scrolled away', async () => {
    const terminal = await openTerminal()
    const { page } = terminal
    await terminal.run('clear; echo need; echo le-in-a-haystack | sed s/^/need/; seq 500')
    await terminal.shows(/^500$/m)
    await page.keyboard.press('Control+Shift+F')
    await page.keyboard.type('needle-in')
    await page.getByRole('search').getByText('1 of 1').waitFor()
    expect(await page.evaluate<string>('berth.terminal.getSelection()')).toBe('needle-in')
    await page.keyboard.press('Escape')
    await terminal.run('echo typed-$((1+1))')
    await terminal.shows(/^typed-2$/m)
  })

  it('follows the system between light and dark', async () => {
    const terminal = await openTerminal()
    const background = async (): Promise<string> => await terminal.page.evaluate<string>('berth.terminal.options.theme.background')
    await terminal.page.emulateMedia({ colorScheme: 'light' })
    expect(await background()).toBe('#ffffff')
    await terminal.page.emulateMedia({ colorScheme: 'dark' })
    await waitFor('the dark theme', async () => await background() === '#182028')
  })

  it('is the window\'s title when a program sets one', async () => {
    const terminal = await openTerminal()
    await terminal.run("PROMPT_COMMAND=; PS1='$ '; printf '\\033]0;hello from inside\\007'")
    await waitFor('the title', async () => await terminal.page.title() === 'hello from inside')
  })

  it('lets a screen reader follow the output', async () => {
    const terminal = await openTerminal()
    await choose(terminal.page, 'More about the terminal', 'Screen reader')
    await terminal.run('echo spoken-$((1+1))')
    await terminal.page.getByRole('listitem').filter({ hasText: /^spoken-2$/ }).waitFor()
  })

  it('says that there is no such project, whosever it is', async () => {
    const page = await openPage(`${fixture.origin}/terminal.html?project=22222222-2222-4222-8222-222222222222`)
    await page.getByRole('alert').filter({ hasText: /project/i }).waitFor()
  })

  it('goes to the projects without one in its address', async () => {
    const page = await openPage(`${fixture.origin}/terminal.html`)
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
  })

  it('asks to sign in when the session is over, and comes back to the shell afterwards', async () => {
    const terminal = await openTerminal()
    const { page } = terminal
    await terminal.run('echo before-$((1+1))')
    await terminal.shows(/^before-2$/m)
    await context.request.post(`${fixture.origin}/auth/logout`, { headers: { Origin: fixture.origin } })
    await page.getByRole('dialog', { name: 'Sign in' }).waitFor()
    await fillIn(page, 'Sign in', email, PASSWORD)
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await terminal.ready()
    await terminal.shows(/^before-2$/m)
    await page.getByRole('textbox', { name: 'Terminal input' }).focus()
    await terminal.run('echo after-$((1+2))')
    await terminal.shows(/^after-3$/m)
  })

  it('draws with elements where there is no GPU', async () => {
    const terminal = await openTerminal()
    await terminal.run("python3 -c 'print(6*7)'")
    await terminal.page.locator('.xterm-rows > div').filter({ hasText: /^42$/ }).waitFor()
  })

  it('draws with WebGL where there is one, and goes on with elements when its context is lost', async () => {
    const page = await context.newPage()
    // The emulated one passes for real.
    await page.addInitScript(`
      const { getParameter } = WebGL2RenderingContext.prototype
      WebGL2RenderingContext.prototype.getParameter = function (name) {
        const value = getParameter.call(this, name)
        return typeof value === 'string' ? value.replace(/swiftshader/gi, 'a GPU') : value
      }`)
    await page.goto(projectUrl)
    const terminal = terminalPage(page)
    await terminal.ready()
    const rows = page.locator('.xterm-rows > div')
    expect(await rows.count()).toBe(0)
    await page.evaluate(`for (const canvas of document.querySelectorAll('.xterm-screen canvas')) {
      canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context').loseContext()
    }`)
    await terminal.run("python3 -c 'print(6*7)'")
    await rows.filter({ hasText: /^42$/ }).waitFor()
  })
})
