import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { startBrowser } from '../browser/support/browser.ts'
import { PASSWORD, signUp } from '../browser/support/start-page.ts'
import { withKey, type Client } from '../live/support/client.ts'
import { startServerProcess } from '../support/server-process.ts'

// `npm run screenshots` pictures the console's main pages, of the built server: light on a desk, dark on a phone.
const directory = path.join(import.meta.dirname, 'screenshots')
const SIZES = [{ name: 'desk', theme: 'light', viewport: { width: 1280, height: 800 } }, { name: 'phone', theme: 'dark', viewport: { width: 390, height: 844 } }] as const
const FILES = [
  { path: 'main.py', content: 'from flowers import Garden\n\ngarden = Garden(rows=3)\ngarden.plant("tulip", row=0)\nfor row in garden:\n    print(row)\n' },
  { path: 'flowers.py', content: 'class Garden:\n    def __init__(self, rows):\n        self.rows = [""] * rows\n\n    def plant(self, name, row):\n        self.rows[row] = f"{row}: " + " ".join([name] * 4)\n\n    def __iter__(self):\n        return iter(self.rows)\n' }
]

interface Shot {
  readonly name: string
  readonly path: string
  /** All of it, however long. */
  readonly isWhole?: boolean
  /** Waits for what makes the picture worth taking. */
  readonly ready: (page: Page) => Promise<void>
}

const text = (wanted: string | RegExp) => async (page: Page): Promise<void> => await page.getByText(wanted).first().waitFor()

/** What is on the pages: projects that are used, an assignment that two students have opened, runs. */
async function furnish (client: Client, origin: string, browser: Browser): Promise<{ project: string, assignment: string, projects: string[], students: BrowserContext[] }> {
  const projects: string[] = []
  for (const [name, runtime, files] of [['weather', 'javascript', []], ['sorting', 'python', FILES], ['garden', 'python', FILES]] as const) {
    projects.push((await client.call<{ id: string }>('POST', '/projects', { name, runtime, files })).body.id)
  }
  const project = projects.at(-1) ?? ''
  for (const [path, body] of [['env/GREETING', { value: 'Hello' }], ['env/PORT', { value: '3000' }], ['secrets/WEATHER_TOKEN', { value: 'only for programs' }]] as const) await client.call('PUT', `/projects/${project}/${path}`, body)
  await client.call('POST', `/projects/${project}/invitations`, { role: 'editor', maxUses: 30 })
  await client.call('POST', `/projects/${project}/processes`, { name: 'site', cmd: 'python3 -m http.server 3000', keep: true })
  const { body: { assignment, link } } = await client.call<{ assignment: { id: string }, link: string }>('POST', '/assignments', { name: 'Sort it', project: projects[1], dueAt: new Date(Date.now() + 3 * 86_400_000).toISOString() })
  const students: BrowserContext[] = []
  for (const email of ['grace@example.org', 'alan@example.org']) {
    const context = await browser.newContext()
    await signUp(await context.newPage(), origin, email)
    await context.request.post(`${origin}/assignments/open`, { headers: { Origin: origin }, data: { token: link.split('#')[1] } })
    students.push(context)
  }
  for (const code of ['print(6 * 7)', 'import sys\nsys.exit(3)']) await client.call('POST', '/api/execute', { language: 'python', code })
  return { project, assignment: assignment.id, projects, students }
}

async function takeAll (context: BrowserContext, origin: string, size: string, shots: readonly Shot[]): Promise<void> {
  const page = await context.newPage()
  for (const { name, path: address, isWhole = false, ready } of shots) {
    await page.goto(origin + address)
    await ready(page)
    await page.evaluate('document.fonts.ready.then(() => document.activeElement?.blur())')
    await writeFile(path.join(directory, `${name}-${size}.png`), await page.screenshot({ animations: 'disabled', fullPage: isWhole }))
  }
  await page.close()
}

const server = await startServerProcess({ RUNTIMES: 'python,javascript' })
const origin = server.origin.replace('127.0.0.1', 'localhost')
const browser = await startBrowser()
const client = withKey(origin, server.key)
let projects: string[] = []
try {
  await mkdir(directory, { recursive: true })
  const [, token] = (await readFile(path.join(server.dataDir, 'setup-link'), 'utf8')).trim().split('#')
  const made = await furnish(client, origin, browser)
  projects = made.projects
  const shots: Shot[] = [
    { name: 'home', path: '/', ready: text(/stops in/) },
    { name: 'playground', path: '/run', ready: async (page) => {
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await page.getByText('Finished').waitFor()
    } },
    { name: 'runs', path: '/runs', ready: async (page) => await page.getByRole('cell', { name: 'Ended with an error' }).waitFor() },
    { name: 'project-settings', path: `/p/${made.project}/settings`, isWhole: true, ready: text('http.server') },
    { name: 'classes', path: '/classes', ready: text('Sort it') },
    { name: 'roster', path: `/classes/${made.assignment}`, ready: text('grace@example.org') },
    { name: 'settings', path: '/settings', ready: text('Usage in thirty days') },
    { name: 'admin', path: '/admin', ready: text('grace@example.org') }
  ]
  for (const { name, theme, viewport } of SIZES) {
    const context = await browser.newContext({ viewport, colorScheme: theme })
    const answer = name === 'desk'
      ? await context.request.post(`${origin}/auth/setup`, { headers: { Origin: origin }, data: { token, email: 'ada@example.org', password: PASSWORD } })
      : await context.request.post(`${origin}/auth/signin`, { headers: { Origin: origin }, data: { email: 'ada@example.org', password: PASSWORD } })
    if (!answer.ok()) throw new Error(await answer.text())
    await takeAll(context, origin, name, shots)
    await context.close()
    const nobody = await browser.newContext({ viewport, colorScheme: theme })
    await takeAll(nobody, origin, name, [{ name: 'sign-in', path: '/', ready: text('New here?') }, { name: 'not-found', path: '/no/such/page', ready: text('There is no such page') }])
    await nobody.close()
  }
  for (const student of made.students) {
    const { projects: copies } = await (await student.request.get(`${origin}/projects`)).json() as { projects: Array<{ id: string }> }
    for (const { id } of copies) await student.request.delete(`${origin}/projects/${id}`, { headers: { Origin: origin } })
  }
} finally {
  for (const id of projects) await client.call('DELETE', `/projects/${id}`)
  await browser.close()
  await server.stop()
}
