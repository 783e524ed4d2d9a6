import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { root, startBerth } from '../live/support/berth.ts'
import { signUp, type User } from '../live/projects/user.ts'
import { waitFor } from '../support/wait-for.ts'
import { createFixture } from './support/fixture.ts'

const fixture = createFixture(async () => {
  server = await serveForeignPages()
  return await startBerth({ CORS_ORIGINS: origin() }, { webDirectory: inject('webDirectory') })
})
let server: Server
let user: User
let client: string
/** What the page of somebody else shows. */
let html: string

// Another site than Berth's, which is at 127.0.0.1.
const origin = (): string => `http://localhost:${(server.address() as AddressInfo).port}`

async function serveForeignPages (): Promise<Server> {
  const foreign = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const isModule = pathname.startsWith('/client/')
    response.setHeader('Content-Type', isModule ? 'text/javascript' : 'text/html')
    if (isModule) readFile(path.join(client, path.normalize(pathname.slice('/client/'.length)))).then((content) => response.end(content), () => response.writeHead(404).end())
    else response.end(html)
  })
  foreign.listen(0, 'localhost')
  await once(foreign, 'listening')
  return foreign
}

async function show (body: string): Promise<Page> {
  html = `<!doctype html><title>Elsewhere</title><link rel="icon" href="data:,"><script type="module" src="${fixture.origin}/elements/berth-elements.js"></script>${body}`
  const page = await fixture.newPage()
  await page.goto(origin())
  return page
}

beforeAll(async () => {
  client = await mkdtemp(path.join(tmpdir(), 'berth-client-'))
  await promisify(execFile)(path.join(root, 'node_modules/.bin/tsc'), ['-p', path.join(root, 'packages/client'), '--outDir', client])
  user = await signUp(fixture.origin)
})
afterAll(async () => {
  server.close()
  await rm(client, { recursive: true })
})

describe('<berth-snippet> in a page of another origin', () => {
  it('runs what is changed, and asks for input', async () => {
    const page = await show(`<berth-snippet language="python" key="${user.key}">
      name = input("Who? ")
      print("Hello", name)
    </berth-snippet>`)
    expect(await page.getByRole('textbox', { name: 'Program' }).locator('.cm-line').allTextContents()).toEqual(['name = input("Who? ")', 'print("Hello", name)', ''])
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByRole('textbox', { name: 'Input' }).fill('Ada')
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor()
    expect(await page.getByRole('log').textContent()).toBe('Who? Ada\nHello Ada\n')
    await page.getByRole('textbox', { name: 'Program' }).fill('import sys\nprint("<b>no</b>", file=sys.stderr)\nsys.exit(3)')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('status').filter({ hasText: 'Ended with 3' }).waitFor()
    expect(await page.getByRole('log').textContent()).toBe('<b>no</b>\n')
  })

  it('stops what does not end', async () => {
    const page = await show(`<berth-snippet language="python" key="${user.key}">while True: print("on", end="")</berth-snippet>`)
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByRole('log').filter({ hasText: 'onon' }).waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('status').filter({ hasText: /killed|output limit/ }).waitFor()
  })

  it('shows nothing and asks for nothing until the page says who is asking', async () => {
    const page = await show('<berth-snippet language="python">print(6 * 7)</berth-snippet>')
    const asked: string[] = []
    page.on('request', (request) => { if (request.url().includes('/api/')) asked.push(request.url()) })
    await page.waitForFunction('customElements.get("berth-snippet") !== undefined')
    expect(await page.getByRole('button', { name: 'Run' }).count()).toBe(0)
    await page.evaluate(`document.querySelector('berth-snippet').token = async () => ${JSON.stringify(user.key)}`)
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByRole('log').filter({ hasText: '42' }).waitFor()
    expect(asked.length).toBeGreaterThan(0)
  })

  it('says what is wrong with a key', async () => {
    const page = await show('<berth-snippet language="python" key="brt_nobody-has-this-key-at-all">print(1)</berth-snippet>')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByRole('status').filter({ hasText: /key/i }).waitFor()
    await page.getByRole('button', { name: 'Run' }).waitFor()
  })
})

describe('<berth-terminal> in a page of another origin', () => {
  it('is a shell of the project, and comes back to it', async () => {
    const { id } = await user.createProject()
    onTestFinished(async () => { await user.call('DELETE', `/projects/${id}`) })
    const page = await show(`<berth-terminal project="${id}"></berth-terminal><script>document.querySelector('berth-terminal').token = async () => ${JSON.stringify(user.key)}</script>`)
    const screen = page.locator('berth-terminal .xterm-rows')
    await screen.filter({ hasText: '$' }).waitFor()
    await page.locator('berth-terminal textarea').focus()
    await page.keyboard.type('it=kept; echo $((6 * 7))\n')
    await screen.filter({ hasText: '42' }).waitFor()
    await page.evaluate('document.body.append(document.createElement("hr"), document.querySelector("berth-terminal"))')
    await waitFor('the same shell', async () => (await screen.textContent())?.includes('42'))
    await page.locator('berth-terminal textarea').focus()
    await page.keyboard.type('echo still-$it\n')
    await screen.filter({ hasText: 'still-kept' }).waitFor()
  })
})

describe('@berth/client in a page of another origin', () => {
  const use = (key: string): string => `(async () => {
    const { createBerth } = await import('/client/client/index.js')
    const berth = createBerth({ url: '${fixture.origin}', key: '${key}' })
    const { output } = await berth.execute({ language: 'python', code: 'print(6 * 7)' })
    const seen = []
    const run = await berth.run({ language: 'python', code: 'print(input())' }, { onOutput: (text) => seen.push(text), onInputRequired: () => run.sendInput('typed\\n') })
    return [output, (await run.result).status, seen.join('')]
  })()`

  it('speaks with Berth by calls and sockets', async () => {
    const page = await show('')
    expect(await page.evaluate(use(user.key))).toEqual(['42\n', 'completed', 'typed\n'])
  })

  it('is kept out by the browser where the operator has not named the origin', async () => {
    const page = await show('')
    await page.goto(origin().replace('localhost', '127.0.0.1'))
    expect(await page.evaluate(`${use(user.key)}.catch((error) => error.code)`)).toBe('UNREACHABLE')
    fixture.complaints.splice(0)
  })
})
