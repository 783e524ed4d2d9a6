import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { findProgram } from '../../../src/setup/host.ts'
import { BROWSERS } from '../../../src/setup/packages.ts'

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'
]

/** What the browser itself logs of calls that were refused and networks that were cut: some tests are about them, and the page shows them. */
const NETWORK_LOG = /^Failed to load resource|^WebSocket connection to '[^']*' failed: Error in connection establishment: net::ERR_/

async function findBrowser (): Promise<string> {
  for (const name of BROWSERS) {
    const file = await findProgram(name, process.env.PATH)
    if (file !== undefined) return file
  }
  throw new Error(`no browser to test with: install one of ${BROWSERS.join(', ')}`)
}

/** A browser without windows, with an empty profile of its own. */
export async function startBrowser (args: readonly string[] = []): Promise<Browser> {
  return await chromium.launch({ executablePath: await findBrowser(), headless: true, args: [...ARGUMENTS, ...args] })
}

/** What pages complain about by themselves, such as an exception or a script that their policy forbids. */
export function collectComplaints (context: BrowserContext, complaints: string[]): void {
  context.on('weberror', (problem) => complaints.push(problem.error().message))
  context.on('console', (message) => {
    if (message.type() === 'error' && !NETWORK_LOG.test(message.text())) complaints.push(message.text())
  })
}

/** A page with cookies of its own: somebody else's computer. */
export async function newPage (browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options)
  return await context.newPage()
}
