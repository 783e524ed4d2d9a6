import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eq } from 'drizzle-orm'
import type { Cookie, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { apiKeys } from '../../src/db/schema/index.ts'
import { withCookie, type Client } from '../live/support/client.ts'
import { newPage } from './support/browser.ts'
import { createFixture } from './support/fixture.ts'
import { signUp } from './support/start-page.ts'

/** Whoever runs it as the signed-in user has a key afterwards; whoever runs it at all asks for /health?ran. */
const ATTACK = "fetch('/health?ran');fetch('/auth/keys',{method:'POST',headers:{'Content-Type':'application/json'},body:JSON.stringify({name:'stolen'})})"
const STORED: Readonly<Record<string, string>> = {
  'attack.js': ATTACK,
  'module.mjs': `${ATTACK};export default 1`,
  'worker.js': ATTACK,
  'style.css': 'body { --stored: yes }',
  'inline.html': `<!doctype html><title>stored</title><script>${ATTACK}</script><img src="x:" onerror="${ATTACK}">`,
  'linked.html': '<!doctype html><title>stored</title><script src="attack.js"></script><script type="module" src="module.mjs"></script>',
  'framed.html': '<!doctype html><title>stored</title><iframe src="inline.html"></iframe><iframe srcdoc="<script src=attack.js></script>"></iframe><object data="linked.html"></object><embed src="pic.svg">',
  'refresh.html': `<!doctype html><title>stored</title><meta http-equiv="refresh" content="0;url=javascript:${encodeURIComponent(ATTACK)}"><base target="_top"><a id="link" href="javascript:${encodeURIComponent(ATTACK)}">go</a>`,
  'pic.svg': `<svg xmlns="http://www.w3.org/2000/svg" onload="${ATTACK}"><script>${ATTACK}</script><script href="attack.js"/></svg>`,
  'page.xhtml': `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>stored</title><script>${ATTACK.replaceAll('&', '&amp;')}</script></head><body/></html>`,
  'feed.xml': '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="sheet.xsl"?><feed/>',
  'sheet.xsl': `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><html><script>${ATTACK}</script></html></xsl:template></xsl:stylesheet>`,
  'page.mhtml': `MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<script>${ATTACK}</script>\r\n--b--\r\n`,
  'nothing-known': `<!doctype html><script>${ATTACK}</script>`,
  'page.txt': `<!doctype html><script>${ATTACK}</script>`
}
const PAGES = Object.keys(STORED).filter((name) => !/\.(m?js|css|xsl)$/.test(name))

const fixture = createFixture()
let page: Page
let base: string
let neighbour: Server
let neighbourOrigin: string
let neighbourPage = ''
let requests: string[]
let cookies: Cookie[]
let author: Client

beforeAll(async () => {
  // Another port of the same host is the same site: the cookie comes along with what its pages load.
  neighbour = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(neighbourPage)).listen(0, '127.0.0.1')
  await once(neighbour, 'listening')
  neighbourOrigin = `http://localhost:${(neighbour.address() as AddressInfo).port}`

  const tab = await newPage(fixture.browser)
  await signUp(tab, fixture.origin)
  cookies = await tab.context().cookies()
  author = withCookie(fixture.origin, cookies.map(({ name, value }) => `${name}=${value}`).join('; '))
  const { body } = await author.call<{ id: string }>('POST', '/projects', { name: 'stored', runtime: 'python' })
  base = `${fixture.origin}/projects/${body.id}/files`
  for (const [name, content] of Object.entries(STORED)) {
    const answer = await tab.request.put(`${base}/${name}`, { headers: { Origin: fixture.origin, 'Content-Type': 'application/octet-stream' }, data: content })
    expect(answer.status()).toBe(201)
  }
  await tab.context().close()
})
afterAll(async () => {
  await author.call('DELETE', new URL(base).pathname.replace('/files', ''))
  neighbour.close()
})

beforeEach(async () => {
  page = await newPage(fixture.browser)
  await page.context().addCookies(cookies)
  await page.goto(fixture.origin)
  requests = []
  page.context().on('request', (request) => requests.push(request.url()))
})
afterEach(async () => {
  // Whatever was still on its way has been answered by then.
  await page.context().newPage().then(async (other) => await other.goto(`${fixture.origin}/health`))
  expect(requests.filter((url) => url.includes('?ran'))).toEqual([])
  expect(await fixture.berth.app.db.$count(apiKeys, eq(apiKeys.name, 'stolen'))).toBe(0)
  await page.context().close()
})

/** Opens it; what is saved instead of shown is as good. */
async function open (target: Page, url: string): Promise<void> {
  await target.goto(url, { waitUntil: 'load' }).catch((error: Error) => {
    if (!/Download is starting|ERR_ABORTED|ERR_BLOCKED/.test(error.message)) throw error
  })
}

describe('what a user has stored', () => {
  it.each(PAGES)('never runs as Berth when %s is opened, reloaded, left, downloaded and come back to', async (name) => {
    const url = `${base}/${name}`
    await open(page, url)
    for (let i = 0; i < 2; i++) await page.reload({ waitUntil: 'load' })
    await open(page, `${url}?download=true`)
    await open(page, fixture.origin)
    await page.goBack({ waitUntil: 'load' })
    await page.goForward({ waitUntil: 'load' })
    // Out of the cache, where a fetch has put it, and past it.
    await open(page, fixture.origin)
    await page.evaluate(`Promise.all(['default', 'force-cache', 'reload'].map((cache) => fetch('${url}', { cache }).then((answer) => answer.text())))`)
    await open(page, url)
    await page.reload({ waitUntil: 'load' })
  })

  it('never runs as Berth when a page of Berth opens it in a window', async () => {
    for (const name of PAGES) {
      const [opened] = await Promise.all([page.waitForEvent('popup'), page.evaluate(`void window.open('${base}/${name}')`)])
      await opened.waitForLoadState().catch(() => undefined)
      await opened.close()
    }
  })

  it('is shown, without its scripts, when it is a page', async () => {
    await page.goto(`${base}/linked.html`)
    expect(await page.title()).toBe('stored')
    await page.reload()
    expect(await page.title()).toBe('stored')
  })

  it.each(['iframe', 'object', 'embed', 'frame'])('is nothing that another page of the same site can show in a %s', async (element) => {
    const urls = PAGES.map((name) => `${base}/${name}`)
    neighbourPage = element === 'frame'
      ? `<!doctype html><frameset>${urls.map((url) => `<frame src="${url}">`).join('')}</frameset>`
      : urls.map((url) => `<${element} ${element === 'object' ? 'data' : 'src'}="${url}"></${element}>`).join('')
    await page.goto(neighbourOrigin, { waitUntil: 'load' })
    for (const frame of page.frames()) expect(await frame.title().catch(() => '')).not.toBe('stored')
  })

  it('is nothing that another page of the same site can load as a script, a module or a style', async () => {
    neighbourPage = `<!doctype html><script src="${base}/attack.js"></script><script type="module" src="${base}/module.mjs"></script><link rel="stylesheet" href="${base}/style.css"><p>neighbour`
    await page.goto(neighbourOrigin, { waitUntil: 'load' })
    expect(await page.evaluate("getComputedStyle(document.body).getPropertyValue('--stored')")).toBe('')
  })

  it('is nothing that a page of Berth itself could load as a script, a module or a worker', async () => {
    const ways: Record<string, string> = {
      script: "(url) => settled(Object.assign(document.createElement('script'), { src: url }))",
      style: "(url) => settled(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: url }))",
      module: "(url) => import(url).then(() => 'loaded', () => 'refused')",
      'service worker': "(url) => navigator.serviceWorker.register(url).then(() => 'loaded', () => 'refused')",
      worker: '(url) => started(new Worker(url))',
      'shared worker': '(url) => started(new SharedWorker(url))'
    }
    const load = async (kind: string, url: string): Promise<string> => await page.evaluate<string>(`(() => {
      const settled = (element) => new Promise((resolve) => {
        element.onload = () => resolve('loaded')
        element.onerror = () => resolve('refused')
        document.head.append(element)
      })
      const started = (worker) => new Promise((resolve) => { worker.onerror = () => resolve('refused') })
      return (${ways[kind]})('${url}')
    })()`)
    await page.evaluate(`fetch('${base}/attack.js').then((answer) => answer.text())`)
    expect(await load('script', `${base}/attack.js`)).toBe('refused')
    expect(await load('style', `${base}/style.css`)).toBe('refused')
    expect(await load('module', `${base}/module.mjs`)).toBe('refused')
    expect(await load('service worker', `${base}/worker.js`)).toBe('refused')
    expect(await load('worker', `${base}/worker.js`)).toBe('refused')
    expect(await load('shared worker', `${base}/worker.js`)).toBe('refused')
  })

  it('is still read by the pages that edit and show it', async () => {
    expect(await page.evaluate(`fetch('${base}/attack.js').then((answer) => answer.text())`)).toBe(ATTACK)
  })
})
