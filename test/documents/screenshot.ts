import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { startBrowser } from '../browser/support/browser.ts'
import { filesPage } from '../browser/support/files-page.ts'
import { signUp } from '../browser/support/start-page.ts'
import { terminalPage } from '../browser/support/terminal-page.ts'
import { startServerProcess } from '../support/server-process.ts'

// `npx tsx test/documents/screenshot.ts` makes the README's picture anew, of the built server's own pages.
const VIEWPORT = { width: 1280, height: 720 }
const FILES = [
  {
    path: 'main.py',
    content: `from flowers import Garden

garden = Garden(rows=3)
garden.plant("tulip", row=0)
garden.plant("daisy", row=1)
garden.plant("poppy", row=2)

for row in garden:
    print(row)
`
  },
  {
    path: 'flowers.py',
    content: `class Garden:
    def __init__(self, rows):
        self.rows = [""] * rows

    def plant(self, name, row):
        self.rows[row] = f"{row}: " + " ".join([name] * 4)

    def __iter__(self):
        return iter(self.rows)
`
  },
  { path: 'test/test_flowers.py', content: 'from flowers import Garden\n' },
  { path: 'notes.md', content: '# Garden\n' }
]

/** Files, an editor and a shell of one project, as they stand beside each other. */
async function take (context: BrowserContext, url: string): Promise<Buffer> {
  const page = await context.newPage()
  const files = filesPage(page)
  const terminal = terminalPage(page)
  await page.goto(`${url}?file=main.py&terminal=latest`)
  await files.ready()
  await files.shows(FILES[0]?.content ?? '')
  await terminal.ready()
  await page.locator('.terminal-view[data-shown=true] textarea').focus()
  await terminal.run('python3 main.py')
  await terminal.shows(/2: poppy/)
  await terminal.run('python3')
  await terminal.shows(/^>>>/m)
  await terminal.run('6 * 7')
  await terminal.shows(/^42$/m)
  return await page.screenshot()
}

const server = await startServerProcess({ RUNTIMES: 'python' })
// Where signing in counts: previews are below this name.
const origin = server.origin.replace('127.0.0.1', 'localhost')
const browser = await startBrowser()
const context = await browser.newContext({ viewport: VIEWPORT })
let project: string | undefined
try {
  const start = await context.newPage()
  await signUp(start, origin)
  const made = await context.request.post(`${origin}/projects`, {
    headers: { Origin: origin }, data: { name: 'garden', runtime: 'python', files: FILES }
  })
  project = (await made.json() as { id: string }).id
  await writeFile(path.join(import.meta.dirname, 'screenshot.png'), await take(context, `${origin}/p/${project}`))
} finally {
  if (project !== undefined) await context.request.delete(`${origin}/projects/${project}`, { headers: { Origin: origin } })
  await browser.close()
  await server.stop()
}
