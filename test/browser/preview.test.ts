import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { collectComplaints, newPage, startBrowser } from './support/browser.ts'
import { createFixture } from './support/fixture.ts'
import { fillIn, PASSWORD, projectItem, signUp } from './support/start-page.ts'
import { terminalPage, type TerminalPage } from './support/terminal-page.ts'
import { putVite } from './support/vite-packages.ts'

const NODE_APP = {
  'app.js': `
const { createServer } = require('node:http')
createServer((request, response) => {
  if (request.url === '/time') return response.end('the cookies of this page: ' + (request.headers.cookie ?? 'none'))
  response.setHeader('Content-Type', 'text/html')
  response.end('<!doctype html><title>Node</title><h1>Hello from Node</h1><script>fetch("/time").then((a) => a.text()).then((t) => document.body.append(t))</script>')
}).listen(process.env.PORT, () => console.log('listening'))
`
}

const ECHO_APP = {
  'app.js': `
const page = \`<!doctype html><title>Echo</title><ul></ul><script>
  const socket = new WebSocket('ws://' + location.host + '/socket')
  socket.onopen = () => socket.send('ahoy')
  socket.onmessage = ({ data }) => { const item = document.createElement('li'); item.textContent = data; document.querySelector('ul').append(item) }
</script>\`
Bun.serve({
  port: process.env.PORT,
  fetch: (request, server) => server.upgrade(request) ? undefined : new Response(page, { headers: { 'Content-Type': 'text/html' } }),
  websocket: { message: (socket, message) => socket.send('echo: ' + message) }
})
console.log('listening')
`
}

const VITE_APP = {
  'index.html': '<!doctype html><title>Vite</title><h1></h1><script type="module" src="/main.js"></script>',
  'greeting.js': "export const greeting = 'before'",
  'main.js': `
import { greeting } from './greeting.js'
const heading = document.querySelector('h1')
heading.textContent = greeting
import.meta.hot.accept('./greeting.js', (changed) => { heading.textContent = changed.greeting })
`
}

const fixture = createFixture()
let context: BrowserContext
let home: Page
let origin: string
let email: string
const projectIds: string[] = []

async function createProject (name: string, runtime: string, files: Record<string, string>): Promise<string> {
  const answer = await context.request.post(`${origin}/projects`, {
    headers: { Origin: origin },
    data: { name, runtime, files: Object.entries(files).map(([path, content]) => ({ path, content })) }
  })
  expect(answer.status()).toBe(201)
  const { id } = await answer.json() as { id: string }
  projectIds.push(id)
  return id
}

async function openTab (click: () => Promise<void>): Promise<Page> {
  const opened = context.waitForEvent('page')
  await home.bringToFront()
  await click()
  const page = await opened
  await page.bringToFront()
  return page
}

async function openTerminal (name: string): Promise<TerminalPage> {
  const link = projectItem(home, name).getByRole('link', { name: `Terminal of ${name}` })
  const terminal = terminalPage(await openTab(async () => await link.click({ modifiers: ['Control'] })))
  await terminal.ready()
  return terminal
}

const previewOf = (projectId: string): string => origin.replace('localhost', `3000--${projectId}.localhost`)

/** Starts the app from the project's terminal, as its author would, and opens its preview from the start page. */
async function openPreview (name: string, command: string): Promise<Page> {
  const terminal = await openTerminal(name)
  await terminal.run(command)
  await terminal.shows(/^listening$/m)
  return await openTab(async () => await projectItem(home, name).getByRole('link', { name: `Preview of ${name}` }).click())
}

beforeAll(async () => {
  origin = fixture.origin
  context = await fixture.newContext()
  home = await context.newPage()
  email = await signUp(home, origin)
})
afterAll(async () => {
  for (const id of projectIds) await context.request.delete(`${origin}/projects/${id}`, { headers: { Origin: origin } })
})

afterEach(async () => {
  for (const page of context.pages()) if (page !== home) await page.close()
})

describe('the preview', () => {
  it('shows a Node app that was started in the terminal, which sees no cookie of ours', async () => {
    await createProject('site', 'javascript', NODE_APP)
    const preview = await openPreview('site', 'node app.js')
    await preview.getByRole('heading', { name: 'Hello from Node' }).waitFor()
    await preview.getByText('the cookies of this page: none').waitFor()
    expect(new URL(preview.url()).hostname).toMatch(/^3000--[0-9a-f-]{36}\.localhost$/)
  })

  it('carries WebSockets', async () => {
    await createProject('echo', 'bun', ECHO_APP)
    const preview = await openPreview('echo', 'bun app.js')
    await preview.getByRole('listitem').filter({ hasText: /^echo: ahoy$/ }).waitFor()
  })

  it('reloads a module of a Vite app while it runs, which listens on the container\'s loopback only', async () => {
    const id = await createProject('vite', 'javascript', VITE_APP)
    const start = await context.request.post(`${origin}/projects/${id}/start`, { headers: { Origin: origin } })
    expect(start.status()).toBe(200)
    const status = await (await context.request.get(`${origin}/projects/${id}/status`)).json() as { containerId: string }
    await putVite(fixture.berth.app.docker, status.containerId)

    const terminal = await openTerminal('vite')
    await terminal.run('node node_modules/vite/bin/vite.js')
    await terminal.shows(/ready in/)
    await home.reload()
    const preview = await openTab(async () => await projectItem(home, 'vite').getByRole('link', { name: 'Port 5173 of vite' }).click())
    await preview.getByRole('heading', { name: 'before' }).waitFor()
    await preview.evaluate('window.isSamePage = true')
    const change = await context.request.post(`${origin}/projects/${id}/exec`, { headers: { Origin: origin }, data: { cmd: 'sed -i s/before/after/ greeting.js' } })
    expect(change.status()).toBe(200)
    await preview.getByRole('heading', { name: 'after' }).waitFor()
    expect(await preview.evaluate('window.isSamePage')).toBe(true)
  })

  it('is started from its own page while the project is stopped', async () => {
    const id = await createProject('sleeper', 'javascript', NODE_APP)
    const preview = await openTab(async () => await home.evaluate(`void window.open('${previewOf(id)}')`))
    await preview.getByRole('button', { name: 'Start it' }).click()
    await preview.getByRole('heading', { name: 'Nothing listens on port 3000' }).waitFor()
    const terminal = await openTerminal('sleeper')
    await terminal.run('node app.js')
    await preview.getByRole('heading', { name: 'Hello from Node' }).waitFor()
  })

  it('is seen by whoever came to the server by an address of loopback', async () => {
    const id = await createProject('addressed', 'javascript', NODE_APP)
    const other = await fixture.browser.newContext()
    try {
      const page = await other.newPage()
      await page.goto(origin.replace('localhost', '127.0.0.1'))
      expect(page.url()).toBe(`${origin}/`)
      await page.goto(previewOf(id))
      await page.getByRole('link', { name: 'Sign in' }).click()
      await fillIn(page, 'Sign in', email, PASSWORD)
      await page.getByRole('button', { name: 'Start it' }).waitFor()
      expect(new URL(page.url()).host).toBe(new URL(previewOf(id)).host)
    } finally {
      await other.close()
    }
  })

  it('is shown in a frame of Berth, also where no other frame may keep cookies', async () => {
    const id = await createProject('framed', 'javascript', NODE_APP)
    await (await openPreview('framed', 'node app.js')).close()
    const strict = await startBrowser(['--test-third-party-cookie-phaseout'])
    try {
      const page = await newPage(strict)
      collectComplaints(page.context(), fixture.complaints)
      await page.goto(origin)
      await fillIn(page, 'Sign in', email, PASSWORD)
      await page.getByRole('heading', { name: 'Projects' }).waitFor()
      await page.evaluate(`document.body.append(Object.assign(document.createElement('iframe'), { src: '${previewOf(id)}' }))`)
      const frame = page.frameLocator('iframe')
      await frame.getByRole('heading', { name: 'Hello from Node' }).waitFor()
      await frame.getByText('the cookies of this page: none').waitFor()
    } finally {
      await strict.close()
    }
  })

  it('is nobody else\'s', async () => {
    await createProject('private', 'javascript', NODE_APP)
    const preview = await openPreview('private', 'node app.js')
    await preview.getByRole('heading', { name: 'Hello from Node' }).waitFor()
    const stranger = await fixture.browser.newContext()
    try {
      const page = await stranger.newPage()
      await signUp(page, origin)
      const answer = await page.goto(preview.url())
      expect(answer?.status()).toBe(404)
      expect(await page.getByText('Hello from Node').count()).toBe(0)
    } finally {
      await stranger.close()
    }
  })
})
