import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { startBrowser } from '../browser/support/browser.ts'
import { filesPage } from '../browser/support/files-page.ts'
import { signUp } from '../browser/support/start-page.ts'
import { terminalPage } from '../browser/support/terminal-page.ts'
import { startServerProcess } from '../support/server-process.ts'

// `npx tsx test/documents/screenshot.ts` makes the README's picture anew, of the built server's own pages.
const WIDTH = 640
const HEIGHT = 520
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

async function takeFiles (context: BrowserContext, url: string): Promise<Buffer> {
  const page = await context.newPage()
  const files = filesPage(page)
  await page.goto(url)
  await files.ready()
  await files.open('main.py')
  await files.shows(FILES[0]?.content ?? '')
  return await page.screenshot()
}

async function takeTerminal (context: BrowserContext, url: string): Promise<Buffer> {
  const page = await context.newPage()
  const terminal = terminalPage(page)
  await page.goto(url)
  await terminal.ready()
  await terminal.run('ls -l *.py')
  await terminal.shows(/main\.py/)
  await terminal.run('python3 main.py')
  await terminal.shows(/2: poppy/)
  await terminal.run('python3')
  await terminal.shows(/^>>>/m)
  await terminal.run('6 * 7')
  await terminal.shows(/^42$/m)
  return await page.screenshot()
}

/** Both pages beside each other. */
async function join (context: BrowserContext, pictures: readonly Buffer[]): Promise<Buffer> {
  const page = await context.newPage()
  await page.setViewportSize({ width: pictures.length * (WIDTH + 12) + 12, height: HEIGHT + 24 })
  const images = pictures.map((picture) => `<img src="data:image/png;base64,${picture.toString('base64')}" style="border-radius: 6px; box-shadow: 0 1px 6px #0006">`)
  await page.setContent(`<body style="margin: 12px; display: flex; gap: 12px; background: #dfe3e8">${images.join('')}`)
  return await page.screenshot()
}

const server = await startServerProcess({ RUNTIMES: 'python' })
const browser = await startBrowser()
const context = await browser.newContext({ viewport: { width: WIDTH, height: HEIGHT } })
let project: string | undefined
try {
  const start = await context.newPage()
  await signUp(start, server.origin)
  const made = await context.request.post(`${server.origin}/projects`, {
    headers: { Origin: server.origin }, data: { name: 'garden', runtime: 'python', files: FILES }
  })
  project = (await made.json() as { id: string }).id
  const pictures = [
    await takeFiles(context, `${server.origin}/p/${project}`),
    await takeTerminal(context, `${server.origin}/p/${project}?terminal=latest`)
  ]
  await writeFile(path.join(import.meta.dirname, 'screenshot.png'), await join(context, pictures))
} finally {
  if (project !== undefined) await context.request.delete(`${server.origin}/projects/${project}`, { headers: { Origin: server.origin } })
  await browser.close()
  await server.stop()
}
