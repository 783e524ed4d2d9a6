import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { patience } from '../../support/patience.ts'
import { waitFor } from '../../support/wait-for.ts'
import { signUp, type User } from '../projects/user.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { startEverything } from './running-app.ts'
import { createVisitor, headersOf, type Visitor } from './visitor.ts'

const MiB = 1024 ** 2
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
let berth: Berth
let user: User
let projectId: string

// The published port, and two that only the agent reaches.
const routes = [['the published port', 3000], ['another port', 8080], ['the container\'s loopback', 9090]] as const
const ways: ReadonlyArray<readonly [string, () => Visitor]> = routes.map(([name, port]) => [name, () => createVisitor(berth, projectId, port, { 'x-api-key': user.key })])

beforeAll(async () => {
  berth = await startBerth({}, { settings: { previews: { headersTimeoutMs: 5_000 * patience } } })
  user = await signUp(berth.origin)
  const project = await startEverything(berth, user, [[3000, '0.0.0.0'], [8080, '0.0.0.0'], [9090, '127.0.0.1']])
  projectId = project.id
})
afterAll(async () => {
  await user.remove(projectId)
  await berth.stop()
})

it('names what listens in the project\'s status', async () => {
  const { ports, preview } = await user.status(projectId)
  expect(ports).toEqual([
    { port: 3000, process: 'node', loopbackOnly: false },
    { port: 8080, process: 'node', loopbackOnly: false },
    { port: 9090, process: 'node', loopbackOnly: true }
  ])
  expect(preview.url).toBe(`http://3000--${projectId}.localhost:${new URL(berth.origin).port}/`)
})

describe.each(ways)('a preview through %s', (_name, visitorOf) => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT'])('passes %s on with its path', async (method) => {
    const answer = await visitorOf().visit('/echo?q=a%20b&q=%zz', { method })
    expect(answer.status).toBe(200)
    if (method !== 'HEAD') expect(answer.json()).toMatchObject({ method, url: '/echo?q=a%20b&q=%zz', bytes: 0 })
  })

  it.each(['Content-Length', 'chunked'])('carries a %s body there and back unchanged', async (framing) => {
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i * 7 & 255))
    const answer = await visitorOf().visit('/echo', { method: 'POST', body: framing === 'chunked' ? Readable.from([body]) : body })
    expect(answer.json()).toMatchObject({ bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') })
    expect(headersOf(answer)).toMatchObject(framing === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) })
  })

  it('answers 100-continue itself and sends the body', async () => {
    const answer = await visitorOf().visit('/echo', { method: 'POST', headers: { expect: '100-continue', 'content-length': '5' }, body: 'hello' })
    expect(answer.json()).toMatchObject({ bytes: 5 })
    expect(headersOf(answer)).not.toHaveProperty('expect')
  })

  it('delivers the first event of a stream at once, and each one after it', async () => {
    const visitor = visitorOf()
    const stream = await visitor.open('/events')
    expect(stream.headers['content-type']).toBe('text/event-stream')
    const [first] = await once(stream, 'data') as [Buffer]
    expect(first.toString()).toBe('data: first\n\n')
    const next = once(stream, 'data')
    await visitor.visit('/events/next', { method: 'POST' })
    expect(String((await next)[0])).toBe('data: next\n\n')
    stream.destroy()
    await waitFor('the app to see that the client left', async () => ((await visitor.visit('/gone')).json() as string[]).includes('events'))
  })

  it('opens a stream that says nothing yet', async () => {
    const stream = await visitorOf().open('/silent-stream')
    expect(stream.statusCode).toBe(200)
    stream.destroy()
  })

  it('serves ranges and any status', async () => {
    const visitor = visitorOf()
    const range = await visitor.visit('/range', { headers: { range: 'bytes=2-4' } })
    expect([range.status, range.text, range.headers['content-range']]).toEqual([206, '234', 'bytes 2-4/10'])
    expect((await visitor.visit('/status?code=451')).status).toBe(451)
    expect((await visitor.visit('/status?code=304')).status).toBe(304)
  })

  it('hands on an answer that begins before the request has ended', async () => {
    const body = new PassThrough()
    body.write('first')
    const answer = await visitorOf().open('/early', { method: 'POST', body })
    expect(answer.statusCode).toBe(413)
    body.end('last')
    expect((await buffer(answer)).toString()).toBe('too large')
  })

  it('keeps hop-by-hop headers to itself in both directions', async () => {
    const visitor = visitorOf()
    const sent = headersOf(await visitor.visit('/echo', {
      method: 'POST',
      body: Readable.from(['chunked']),
      headers: { connection: 'close, X-Mine', 'x-mine': 'secret', 'keep-alive': '1', te: 'trailers', trailer: 'X-T', 'proxy-authorization': 'Basic eA==', 'x-end': 'kept' }
    }))
    for (const name of ['x-mine', 'keep-alive', 'te', 'trailer', 'proxy-authorization', 'x-api-key']) expect(sent).not.toHaveProperty(name)
    expect(sent).toMatchObject({ connection: 'close', 'x-end': 'kept' })

    const { headers } = await visitor.visit('/headers')
    for (const name of ['x-hop', 'proxy-authenticate', 'clear-site-data', 'alt-svc']) expect(headers).not.toHaveProperty(name)
    expect(headers['x-end']).toBe('kept')
    expect(headers['set-cookie']).toEqual(['a=1; Path=/; HttpOnly', 'b=2'])
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('shows the app a Host and Origin of its own, and where the request came from', async () => {
    const visitor = visitorOf()
    const port = visitor.host.split('--')[0]
    const own = headersOf(await visitor.visit('/echo', {
      method: 'POST', headers: { origin: visitor.origin, referer: `${visitor.origin}/page?x`, 'x-forwarded-for': '6.6.6.6', 'x-forwarded-host': 'evil', forwarded: 'for=6.6.6.6' }
    }))
    expect(own).toMatchObject({
      host: `localhost:${port}`, origin: `http://localhost:${port}`, referer: `http://localhost:${port}/page?x`, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http'
    })
    expect(own).not.toHaveProperty('forwarded')
    expect(own).not.toHaveProperty('x-forwarded-host')
    const foreign = headersOf(await visitor.visit('/echo', { headers: { origin: 'https://elsewhere.example', referer: 'https://elsewhere.example/' } }))
    expect(foreign).toMatchObject({ origin: 'https://elsewhere.example', referer: 'https://elsewhere.example/' })
  })

  it('leads redirects to the app\'s own name, and to other ports of its project, back to previews', async () => {
    const visitor = visitorOf()
    const port = visitor.host.split('--')[0]
    const locationFor = async (to: string) => (await visitor.visit(`/redirect?to=${encodeURIComponent(to)}`)).headers.location
    expect(await locationFor(`http://localhost:${port}/login?x`)).toBe(`${visitor.origin}/login?x`)
    expect(await locationFor(`http://127.0.0.1:${port}`)).toBe(visitor.origin)
    expect(await locationFor('http://localhost:1/login')).toBe(`${visitor.origin.replace(`//${port}--`, '//1--')}/login`)
    expect(await locationFor('/relative')).toBe('/relative')
    expect(await locationFor('https://elsewhere.example/')).toBe('https://elsewhere.example/')
  })

  it('gives up on an app that does not answer, and tells it', async () => {
    const visitor = visitorOf()
    const answer = await visitor.visit('/never')
    expect([answer.status, answer.json()]).toEqual([504, expect.objectContaining({ statusCode: 504, code: 'PREVIEW_TIMEOUT' })])
    await waitFor('the app to see it', async () => ((await visitor.visit('/gone')).json() as string[]).includes('never'))
  })

  it('says that an app hung up, and breaks off where the app did', async () => {
    const visitor = visitorOf()
    const answer = await visitor.visit('/hang-up')
    expect([answer.status, answer.json()]).toEqual([502, expect.objectContaining({ code: 'PREVIEW_UNREACHABLE' })])
    await expect(visitor.visit('/cut')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('carries 100 MB each way in flat memory', async () => {
    const visitor = visitorOf()
    const before = memoryInUse()
    const growth: number[] = []
    const chunk = Buffer.alloc(MiB / 16, 'u')
    const upload = await visitor.visit('/echo', {
      method: 'PUT',
      body: Readable.from((function * () {
        for (let i = 0; i < 1600; i++) {
          if (i % 400 === 399) growth.push(memoryInUse() - before)
          yield chunk
        }
      })())
    })
    expect(upload.json()).toMatchObject({ bytes: 100 * MiB })
    let received = 0
    for await (const part of await visitor.open(`/download?bytes=${100 * MiB}`)) {
      received += (part as Buffer).length
      if (received > (growth.length - 3) * 25 * MiB) growth.push(memoryInUse() - before)
    }
    expect(received).toBe(100 * MiB)
    expect(growth).toHaveLength(7)
    expect(Math.max(...growth)).toBeLessThan(8 * MiB)
  })

  it('stops the app where the client stops reading', async () => {
    const visitor = visitorOf()
    const before = memoryInUse()
    const download = await visitor.open(`/download?bytes=${200 * MiB}`)
    await visitor.visit('/echo')
    expect(memoryInUse() - before).toBeLessThan(8 * MiB)
    download.destroy()
  })

  it('serves 200 requests at once', async () => {
    const visitor = visitorOf()
    const answers = await Promise.all(Array.from({ length: 200 }, async (_, i) => await visitor.visit(`/echo?${i}`)))
    expect(answers.map((answer) => (answer.json() as { url: string }).url)).toEqual(Array.from({ length: 200 }, (_, i) => `/echo?${i}`))
  })
})

/** Of buffers, in server and client, without what is garbage. */
function memoryInUse (): number {
  // What the first one finds is given back in the background, and that is waited for by the second one only.
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}
