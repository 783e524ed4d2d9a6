import type { Page } from 'playwright-core'
import { startBrowser } from '../browser/support/browser.ts'
import { signUp } from '../live/support/client.ts'
import { startServerProcess } from '../support/server-process.ts'
import { waitFor } from '../support/wait-for.ts'
import { reportLine, type Print } from './measure.ts'

const ROUNDS = 15

interface Visit {
  readonly name: string
  readonly path: string
  /** In the page: whether it can be used. */
  readonly isReady: string
}

const visits: readonly Visit[] = [
  { name: 'home', path: '/', isReady: "document.querySelector('h1')?.textContent === 'Projects' && document.querySelector('.page-head button') !== null" },
  { name: 'playground', path: '/run', isReady: "document.querySelector('.cm-content') !== null" }
]

/** What a first visit takes until the page can be used, in time and in bytes: nothing is cached, and it is all on loopback. */
export async function benchWeb (print: Print): Promise<void> {
  const server = await startServerProcess({ RUNTIMES: 'python', RATE_LIMIT: 'off' })
  const origin = server.origin.replace('127.0.0.1', 'localhost')
  const { cookie } = await signUp(origin)
  const [name = '', value = ''] = cookie.split('=')
  const browser = await startBrowser()
  try {
    print(`pages, ${ROUNDS} first visits each: bytes on the wire, and milliseconds from the address to a page that can be used`)
    for (const visit of visits) {
      const times: number[] = []
      let bytes = 0
      for (let round = 0; round < ROUNDS; round++) {
        const context = await browser.newContext()
        await context.addCookies([{ name, value, url: origin }])
        const page = await context.newPage()
        const measured = await measure(page, origin, visit)
        times.push(measured.ms)
        bytes = measured.bytes
        await context.close()
      }
      print(`${reportLine(visit.name, times)}   ${(bytes / 1000).toFixed(1)} kB`)
    }
  } finally {
    await browser.close()
    await server.stop()
  }
}

async function measure (page: Page, origin: string, { path, isReady }: Visit): Promise<{ ms: number, bytes: number }> {
  // By the page's own clock, which begins with the navigation, and looked at in each frame that it draws.
  await page.addInitScript(`(() => {
    const look = () => { if (${isReady}) globalThis.readyAt = performance.now(); else requestAnimationFrame(look) }
    requestAnimationFrame(look)
  })()`)
  await page.goto(origin + path)
  // The page's policy lets nobody evaluate what waits in it.
  return await waitFor(`${path} to be ready`, async () => await page.evaluate<{ ms: number, bytes: number } | undefined>(`globalThis.readyAt && ({
    ms: readyAt,
    bytes: performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
  })`))
}
