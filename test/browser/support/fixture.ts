import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Berth } from '../../live/support/berth.ts'
import { collectComplaints, startBrowser } from './browser.ts'
import { startPages } from './pages.ts'

/** A Berth and a browser for the tests of a file. No page of it may complain by itself. */
export function createFixture (start: () => Promise<Berth> = startPages) {
  let berth: Berth
  let browser: Browser
  const complaints: string[] = []
  const ofTest: BrowserContext[] = []

  beforeAll(async () => {
    berth = await start()
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await berth.stop()
  })
  afterEach(async () => {
    for (const context of ofTest.splice(0)) await context.close()
    expect(complaints.splice(0)).toEqual([])
  })

  /** Somebody's computer, until the file ends. */
  async function newContext (options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext(options)
    collectComplaints(context, complaints)
    return context
  }

  return {
    get berth (): Berth { return berth },
    get browser (): Browser { return browser },
    get origin (): string { return berth.origin },
    complaints,
    newContext,
    /** A page on a computer of its own, until the test ends. */
    async newPage (options: BrowserContextOptions = {}): Promise<Page> {
      const context = await newContext(options)
      ofTest.push(context)
      return await context.newPage()
    }
  }
}
