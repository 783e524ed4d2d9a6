import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANSWER_POLICY } from '../../../src/http/policy.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'
import { filesOf, type Files } from './client.ts'

let berth: Berth
let user: User
beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_SIZE: '64m' }, { settings: { projects: { fileBytes: 32 * 2 ** 20 } } })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer())

describe.each(['stopped', 'running'])('the files of a %s project', (status) => {
  let id: string
  let files: Files
  beforeAll(async () => {
    ({ id } = await user.createProject())
    files = filesOf(berth.origin, user, id)
    if (status === 'running') await user.start(id)
  })
  afterAll(async () => await user.remove(id))

  it('are written with their parents, read, described and deleted', async () => {
    const made = await files.send('PUT', 'src/deep/main.py', 'print(1)')
    expect([made.status, await made.text()]).toEqual([201, ''])
    const etag = made.headers.get('etag')
    expect(etag).toMatch(/^"[0-9a-f-]+"$/)
    const read = await files.send('GET', 'src/deep/main.py')
    expect(await read.text()).toBe('print(1)')
    expect(Object.fromEntries(read.headers)).toMatchObject({
      etag,
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '8',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'inline; filename="main.py"; filename*=UTF-8\'\'main.py',
      'content-security-policy': expect.stringMatching(/^sandbox; default-src 'none'/)
    })
    const head = await files.send('HEAD', 'src/deep/main.py')
    expect([head.status, await head.text(), head.headers.get('content-length'), head.headers.get('etag')]).toEqual([200, '', '8', etag])
    const again = await files.send('PUT', 'src/deep/main.py', 'print(2)')
    expect(again.status).toBe(204)
    expect(again.headers.get('etag')).not.toBe(etag)
    expect((await files.send('DELETE', 'src')).status).toBe(204)
    expect((await files.send('GET', 'src/deep/main.py')).status).toBe(404)
    expect((await files.send('DELETE', 'src')).status).toBe(404)
  })

  it('may be empty, and large', async () => {
    await files.put('empty', '')
    expect(await files.text('empty')).toBe('')
    const large = randomBytes(20_000_000)
    await files.put('large.bin', large)
    expect(hash(await bytesOf(await files.send('GET', 'large.bin')))).toBe(hash(large))
    await files.send('DELETE', 'large.bin')
  })

  it.each(['with space.txt', 'ünï/çødé 😀.txt', 'new\nline', '100%.txt', 'a?b#c', '-rf', '.hidden', '...'])('may be called %j', async (name) => {
    await files.put(name, 'content')
    expect(await files.text(name)).toBe('content')
    const { entries } = await files.list('depth=2')
    expect(entries.map(({ path }) => path)).toContain(name)
    await files.send('DELETE', name)
  })

  it.each(['..', '../x', '%2e%2e/x', 'a/../../x', '..%2fx', 'a%2fb', 'a//b', '%00', '.berth-x', 'a/.berth-1'])('may not be called %s', async (name) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect(await files.sendRaw(method, name)).toEqual({ status: 400, body: expect.objectContaining({ code: 'BAD_PATH' }) })
    }
  })

  it('are read in parts', async () => {
    await files.put('digits', '0123456789')
    const part = async (range: string, more: Record<string, string> = {}) => {
      const response = await files.send('GET', 'digits', undefined, { Range: range, ...more })
      return [response.status, response.headers.get('content-range'), response.status < 300 ? await response.text() : '']
    }
    expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234'])
    expect(await part('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789'])
    expect(await part('bytes=-2')).toEqual([206, 'bytes 8-9/10', '89'])
    expect(await part('bytes=10-')).toEqual([416, 'bytes */10', ''])
    const etag = (await files.send('HEAD', 'digits')).headers.get('etag') ?? ''
    expect(await part('bytes=0-0', { 'If-Range': etag })).toEqual([206, 'bytes 0-0/10', '0'])
    expect(await part('bytes=0-0', { 'If-Range': '"1-1-1"' })).toEqual([200, null, '0123456789'])
  })

  it('are not sent to whoever has them', async () => {
    const etag = await files.put('cached', 'content')
    const cached = await files.send('GET', 'cached', undefined, { 'If-None-Match': etag })
    expect([cached.status, cached.headers.get('etag'), await cached.text()]).toEqual([304, etag, ''])
    await files.put('cached', 'CONTENT')
    expect((await files.send('GET', 'cached', undefined, { 'If-None-Match': etag })).status).toBe(200)
  })

  it('are written only over what the client believes to be there', async () => {
    const first = await files.put('shared', 'one', { 'If-None-Match': '*' })
    const second = await files.put('shared', 'two', { 'If-Match': first })
    for (const headers of [{ 'If-None-Match': '*' }, { 'If-Match': first }, { 'If-Match': 'W/"x"' }]) {
      const late = await files.send('PUT', 'shared', 'late', headers)
      expect([late.status, late.headers.get('etag'), await late.json()]).toEqual([412, second, expect.objectContaining({ code: 'PRECONDITION_FAILED' })])
    }
    expect((await files.send('PUT', 'nowhere', 'x', { 'If-Match': '*' })).status).toBe(412)
    expect((await files.send('DELETE', 'shared', undefined, { 'If-Match': first })).status).toBe(412)
    await files.put('shared', 'three', { 'If-Match': `"1-1-1", ${(await files.send('HEAD', 'shared')).headers.get('etag')}` })
    expect(await files.text('shared')).toBe('three')
  })

  it('of two clients who save at once, one is told', async () => {
    const etag = await files.put('contested', 'start')
    const saves = await Promise.all(Array.from({ length: 10 }, async (_, number) => await files.send('PUT', 'contested', `from ${number}`, { 'If-Match': etag })))
    const winners = saves.flatMap(({ status }, number) => status === 204 ? [number] : [])
    expect(saves.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(9).fill(412)])
    expect(await files.text('contested')).toBe(`from ${winners[0]}`)
  })

  it('are refused when they are too large, before they come where that is known', async () => {
    const announced = await files.send('PUT', 'huge', Buffer.alloc(33 * 1024 ** 2))
    expect([announced.status, await announced.json()]).toEqual([413, expect.objectContaining({ code: 'FILE_TOO_LARGE' })])
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(1024 ** 2)) })
    const streamed = await files.send('PUT', 'huge', endless).catch((error: unknown) => error)
    if (streamed instanceof Response) expect(streamed.status).toBe(413)
    expect((await files.send('GET', 'huge')).status).toBe(404)
    expect((await files.list()).entries.filter(({ path }) => path.includes('huge'))).toEqual([])
  })

  it('leave room for others', async () => {
    const { limit } = (await user.status(id)).files
    expect(limit).toBe(64 * 1024 ** 2)
    await files.put('a', Buffer.alloc(30 * 1024 ** 2, 'x'))
    await files.put('b', Buffer.alloc(30 * 1024 ** 2, 'x'))
    const full = await files.send('PUT', 'c', Buffer.alloc(30 * 1024 ** 2, 'x'))
    expect([full.status, await full.json()]).toEqual([413, expect.objectContaining({ code: 'PROJECT_FULL' })])
    expect((await user.status(id)).files.size).toBeGreaterThan(60 * 1024 ** 2)
    expect(await files.operate({ op: 'copy', path: 'a', to: 'c' })).toMatchObject({ status: 413, body: { code: 'PROJECT_FULL' } })
    await files.send('DELETE', 'a')
    await files.put('c', Buffer.alloc(30 * 1024 ** 2, 'x'))
    await Promise.all(['b', 'c'].map(async (name) => await files.send('DELETE', name)))
  })

  it('keep their old content when a client vanishes in the middle', async () => {
    await files.put('kept', 'old')
    const vanishing = new AbortController()
    const source = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from('half')),
      pull: () => vanishing.abort()
    }, { highWaterMark: 0 })
    const response = fetch(`${files.base}/kept`, { method: 'PUT', headers: { 'X-API-Key': user.key }, body: source, duplex: 'half', signal: vanishing.signal })
    await expect(response).rejects.toThrow()
    expect(await files.text('kept')).toBe('old')
    expect((await files.list()).entries.map(({ path }) => path).filter((path) => path.startsWith('.'))).toEqual([])
  })

  it('are whole when a hundred are written and read at once', async () => {
    const names = Array.from({ length: 100 }, (_, number) => `many/${number}`)
    await Promise.all(names.map(async (name) => await files.put(name, name.repeat(100))))
    expect(await Promise.all(names.map(files.text))).toEqual(names.map((name) => name.repeat(100)))
    expect((await files.list('path=many&limit=1000')).entries).toHaveLength(100)
  })
})

// A browser puts the policy of a 304 in the place of the one that it has stored with the page.
describe('what keeps a stored page from acting as Berth', () => {
  let id: string
  let files: Files
  let etag: string
  beforeAll(async () => {
    ({ id } = await user.createProject())
    files = filesOf(berth.origin, user, id)
    etag = await files.put('page.html', '<script>fetch("/auth/keys")</script>')
  })
  afterAll(async () => await user.remove(id))

  it.each<[number, string, string, Record<string, string>]>([
    [200, 'GET', 'page.html', {}],
    [200, 'HEAD', 'page.html', {}],
    [200, 'GET', 'page.html?download=true', {}],
    [206, 'GET', 'page.html', { Range: 'bytes=0-7' }],
    [304, 'GET', 'page.html', { 'If-None-Match': 'its etag' }],
    [304, 'HEAD', 'page.html', { 'If-None-Match': 'its etag' }],
    [416, 'GET', 'page.html', { Range: 'bytes=1000-' }],
    [400, 'GET', '%00.html', {}],
    [401, 'GET', 'page.html', { 'X-API-Key': 'brt_nobodys' }],
    [404, 'GET', '<script>.html', {}],
    [412, 'DELETE', 'page.html', { 'If-Match': '"1-1-1"' }],
    [403, 'GET', 'page.html', { 'Sec-Fetch-Dest': 'iframe' }],
    [404, 'TRACE', 'page.html', {}]
  ])('comes with %i to %s %s %j', async (status, method, path, { 'If-None-Match': condition, ...headers }) => {
    const response = await askAs(method, path, { ...headers, ...(condition === undefined ? {} : { 'If-None-Match': etag }) })
    expect(response.status).toBe(status)
    expect(response.headers).toMatchObject({
      'content-security-policy': ANSWER_POLICY,
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin'
    })
    if (status === 304) expect(Object.keys(response.headers)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^content-(type|length|disposition)$/)]))
  })

  /** With headers that fetch sets itself. */
  async function askAs (method: string, path: string, headers: Record<string, string>): Promise<{ status: number | undefined, headers: IncomingHttpHeaders }> {
    const sent = request(`${files.base}/${path}`, { method, headers: { 'X-API-Key': user.key, ...headers } })
    sent.end()
    const [response] = await once(sent, 'response') as [IncomingMessage]
    response.resume()
    return { status: response.statusCode, headers: response.headers }
  }
})
