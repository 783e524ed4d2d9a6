import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { signUp as signUpByCookie, type SignedUp } from '../support/client.ts'
import { signUp, userWithKey, type User } from '../projects/user.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { startEverything } from './running-app.ts'
import { createVisitor, headersOf, type Visitor } from './visitor.ts'

let berth: Berth
let person: SignedUp
let user: User
let stranger: User
let projectId: string
let serverPort: string
let anybody: Visitor

const browser = { accept: 'text/html,*/*' }

beforeAll(async () => {
  berth = await startBerth()
  serverPort = new URL(berth.origin).port
  person = await signUpByCookie(berth.origin)
  stranger = await signUp(berth.origin)
  const made = await person.call<{ key: string }>('POST', '/auth/keys', { name: 'test' })
  user = userWithKey(berth.origin, made.body.key)
  projectId = (await startEverything(berth, user, [[3000, '0.0.0.0'], [8080, '0.0.0.0']])).id
  anybody = createVisitor(berth, projectId, 3000)
})
afterAll(async () => {
  await user.remove(projectId)
  await berth.stop()
})

/** A request to the API under the name that browsers have for it. */
async function askApi (path: string, headers: Record<string, string>) {
  const request = httpRequest({ host: '127.0.0.1', port: serverPort, path, agent: false, headers: { host: `localhost:${serverPort}`, ...headers } }).end()
  const [response] = await once(request, 'response') as [AsyncIterable<Buffer> & { statusCode: number, headers: Record<string, string> }]
  return { status: response.statusCode, headers: response.headers, text: await text(response) }
}

const departure = (port = 3000, path = '/echo?x=1') => `/preview/handover?${new URLSearchParams({ project: projectId, port: String(port), path }).toString()}`

/** Where a signed-in browser is sent from the API's name: path and query under the preview's. */
async function depart (cookie: string, port = 3000): Promise<string> {
  const { status, headers } = await askApi(departure(port), { cookie, ...browser })
  if (status !== 303) throw new Error(`no departure: ${status}`)
  const { pathname, search } = new URL(headers.location ?? '')
  return pathname + search
}

async function arrive (visitor: Visitor, path: string) {
  const answer = await visitor.visit(path, { headers: browser })
  return { ...answer, cookie: (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '' }
}

describe('the handover', () => {
  it('leads a signed-in browser from a private preview to the API and back, and never shows the app its cookie', async () => {
    const sentAway = await anybody.visit('/echo?x=1', { headers: browser })
    expect([sentAway.status, sentAway.headers.location]).toEqual([303, `http://localhost:${serverPort}${departure()}`])
    const back = await askApi(departure(), { cookie: person.cookie, ...browser })
    expect(back.headers.location).toMatch(new RegExp(`^http://3000--${projectId}\\.localhost:${serverPort}/\\.berth/handover\\?token=`))
    expect(back.headers['referrer-policy']).toBe('no-referrer')

    const { pathname, search } = new URL(back.headers.location ?? '')
    const arrived = await arrive(anybody, pathname + search)
    expect([arrived.status, arrived.headers.location]).toEqual([303, '/echo?x=1'])
    expect(arrived.headers['set-cookie']).toEqual([
      expect.stringMatching(/^berth-preview=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/),
      expect.stringMatching(/^__Host-berth-preview=[^;]+; Path=\/; HttpOnly; SameSite=None; Secure; Partitioned$/)
    ])
    const shown = await anybody.visit('/echo?x=1', { headers: { cookie: `a=1; ${arrived.cookie}; ${person.cookie}; jwt=of-the-app` } })
    expect(shown.status).toBe(200)
    expect(headersOf(shown).cookie).toBe('a=1; jwt=of-the-app')
  })

  it('works once, for its own preview only, and leads nowhere else', async () => {
    const path = await depart(person.cookie)
    expect((await arrive(anybody, path)).status).toBe(303)
    const replayed = await arrive(anybody, path)
    expect([replayed.status, replayed.cookie]).toEqual([403, ''])
    expect((await arrive(createVisitor(berth, projectId, 8080), await depart(person.cookie))).status).toBe(403)
    for (const evil of ['//elsewhere.example', '/\\elsewhere.example', 'https://elsewhere.example']) {
      const token = new URLSearchParams((await depart(person.cookie)).split('?')[1]).get('token') ?? ''
      expect((await arrive(anybody, `/.berth/handover?${new URLSearchParams({ token, path: evil }).toString()}`)).headers.location).toBe('/')
    }
    expect((await arrive(anybody, '/.berth/handover?token=guessed')).status).toBe(403)
  })

  it('gives a cookie that opens no other port and no other project', async () => {
    const { cookie } = await arrive(anybody, await depart(person.cookie))
    expect((await anybody.visit('/echo', { headers: { cookie } })).status).toBe(200)
    expect((await createVisitor(berth, projectId, 8080).visit('/echo', { headers: { cookie } })).status).toBe(401)
  })

  it('is for the owner: another\'s project is as one that does not exist', async () => {
    const other = await signUpByCookie(berth.origin)
    const answers = await Promise.all([projectId, '00000000-0000-4000-8000-000000000000'].map(async (project) =>
      await askApi(`/preview/handover?project=${project}&port=3000`, { cookie: other.cookie })))
    expect(answers.map(({ status, text }) => [status, (JSON.parse(text) as { code: string }).code])).toEqual([[404, 'PROJECT_NOT_FOUND'], [404, 'PROJECT_NOT_FOUND']])
  })

  it('tries again from a page of its own before it asks to sign in', async () => {
    const first = await askApi(departure(), browser)
    expect([first.status, first.text]).toEqual([200, expect.stringContaining('again=true')])
    expect((await askApi(`${departure()}&again=true`, browser)).status).toBe(401)
    expect((await askApi(departure(), {})).status).toBe(401)
  })

  it('of a frame ends on a page where the browser has kept no cookie, and at the app where it has', async () => {
    const framed = { ...browser, 'sec-fetch-dest': 'iframe' }
    const arrived = await anybody.visit(await depart(person.cookie), { headers: framed })
    const { location = '', 'set-cookie': [cookie = ''] = [] } = arrived.headers
    expect(location).toBe('/.berth/arrived?path=%2Fecho%3Fx%3D1')
    const forgetful = await anybody.visit(location, { headers: framed })
    expect([forgetful.status, forgetful.headers.location]).toEqual([401, undefined])
    const kept = await anybody.visit(location, { headers: { ...framed, cookie } })
    expect([kept.status, kept.headers.location]).toEqual([303, '/echo?x=1'])
  })

  it('ends with the sign-in', async () => {
    const signedIn = await person.call('POST', '/auth/signin', { email: person.email, password: person.password })
    const jwt = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const { cookie } = await arrive(anybody, await depart(jwt))
    const waiting = await depart(jwt)
    const stream = await anybody.open('/events', { headers: { cookie } })
    await once(stream, 'data')
    const ended = once(stream, 'close').catch((error: NodeJS.ErrnoException) => [error.code])
    await fetch(`${berth.origin}/auth/logout`, { method: 'POST', headers: { cookie: jwt, origin: berth.origin } })
    await ended
    expect((await anybody.visit('/echo', { headers: { cookie } })).status).toBe(401)
    expect((await arrive(anybody, waiting)).status).toBe(403)
  })
})

describe('the cookie', () => {
  let cookie: string
  beforeAll(async () => {
    cookie = (await arrive(anybody, await depart(person.cookie))).cookie
  })

  it.each<[string, string, Record<string, string>, number]>([
    ['a page', 'GET', {}, 200],
    ['a link from elsewhere', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
    ['its own script', 'GET', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, 200],
    ['another page\'s script', 'GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, 403],
    ['another page\'s fetch', 'GET', { origin: 'http://other.localhost' }, 403],
    ['a form of its own', 'POST', { origin: 'own' }, 200],
    ['a form of another page', 'POST', { origin: 'http://other.localhost' }, 403],
    ['a change from nowhere', 'DELETE', {}, 403],
    ['an opaque origin', 'POST', { origin: 'null' }, 403]
  ])('counts for %s as it should', async (_name, method, headers, status) => {
    const origin = headers.origin === 'own' ? { origin: anybody.origin } : {}
    expect((await anybody.visit('/echo', { method, headers: { cookie, ...headers, ...origin } })).status).toBe(status)
  })

  it('opens a WebSocket from the preview\'s own pages only', async () => {
    const own = anybody.socket('/socket', { cookie, origin: anybody.origin })
    await once(own, 'message')
    own.terminate()
    for (const headers of [{ cookie }, { cookie, origin: 'http://other.localhost' }]) {
      const [, response] = await once(anybody.socket('/socket', headers), 'unexpected-response') as [unknown, { statusCode: number }]
      expect(response.statusCode).toBe(403)
    }
  })

  it('is not taken when it is forged', async () => {
    const [name, value = ''] = cookie.split('=')
    for (const forged of [value.slice(0, -2), `${value}x`, value.split('.')[0], `${projectId}.${value.split('.')[1]}`, '.', '']) {
      expect((await anybody.visit('/echo', { headers: { cookie: `${name}=${forged}` } })).status).toBe(401)
    }
    // Another page of the same site may have set one of the same name: ours counts all the same.
    expect((await anybody.visit('/echo', { headers: { cookie: `${name}=junk; ${cookie}` } })).status).toBe(200)
  })
})

describe('a key', () => {
  it('opens a private preview to its owner, and never reaches the app', async () => {
    for (const headers of [{ 'x-api-key': user.key }, { authorization: `Bearer ${user.key}` }, { 'x-api-key': user.key, authorization: `bearer ${user.key}` }]) {
      const answer = await anybody.visit('/echo', { headers })
      expect(answer.status).toBe(200)
      expect(answer.text).not.toContain(user.key)
    }
    const own = await anybody.visit('/echo', { headers: { 'x-api-key': user.key, authorization: 'Bearer of-the-app' } })
    expect(headersOf(own)).toMatchObject({ authorization: 'Bearer of-the-app' })
  })

  it('of somebody else finds nothing, as for a project that does not exist', async () => {
    for (const id of [projectId, '00000000-0000-4000-8000-000000000000']) {
      const answer = await createVisitor(berth, id, 3000).visit('/', { headers: { 'x-api-key': stranger.key } })
      expect([answer.status, answer.json()]).toEqual([404, expect.objectContaining({ code: 'PROJECT_NOT_FOUND' })])
    }
  })
})

describe('without a credential', () => {
  it('a private project and one that does not exist answer the same', async () => {
    const strip = ({ status, text, headers }: Awaited<ReturnType<Visitor['visit']>>, id: string) =>
      [status, text.replace(/"requestId":"[^"]+"/, ''), headers.location?.replaceAll(id, 'id')]
    for (const headers of [{}, browser]) {
      const ids = [projectId, '00000000-0000-4000-8000-000000000000']
      const [one, other] = await Promise.all(ids.map(async (id) => strip(await createVisitor(berth, id, 3000).visit('/', { headers }), id)))
      expect(one).toEqual(other)
    }
  })

  it('a public one is open, to streams too, until it is private again', async () => {
    await user.call('PATCH', `/projects/${projectId}`, { previews: 'public' })
    const shown = await anybody.visit('/echo', { method: 'POST', headers: { origin: 'https://elsewhere.example', authorization: `Bearer ${stranger.key}` } })
    expect(shown.status).toBe(200)
    expect(shown.text).not.toContain(stranger.key)
    expect(headersOf(shown).origin).toBe('https://elsewhere.example')
    const stream = await anybody.open('/events')
    const socket = anybody.socket('/socket')
    await Promise.all([once(stream, 'data'), once(socket, 'message')])
    const ended = Promise.all([once(stream, 'close').catch(() => undefined), once(socket, 'close')])
    await user.call('PATCH', `/projects/${projectId}`, { previews: 'private' })
    await ended
    expect((await anybody.visit('/echo')).status).toBe(401)
  })
})

describe('names', () => {
  /** Sends the text as it is. */
  async function sendRaw (head: string): Promise<string> {
    const socket = connect(Number(serverPort), '127.0.0.1')
    // Not ended: a client that hangs up wants no answer any more.
    socket.write(`${head}\r\nX-API-Key: ${user.key}\r\nConnection: close\r\n\r\n`)
    return await text(socket)
  }

  it.each<[string, string, number]>([
    ['upper case', `3000--${'{id}'}.LOCALHOST`, 200],
    ['no port of the server', '3000--{id}.localhost', 200],
    ['port 0', '0--{id}.localhost', 404],
    ['a port out of range', '65536--{id}.localhost', 404],
    ['a leading zero', '03000--{id}.localhost', 404],
    ['a port of many digits', `${'9'.repeat(400)}--{id}.localhost`, 404],
    ['no project', '3000--.localhost', 404],
    ['another name in front', 'x.3000--{id}.localhost', 404],
    ['a trailing dot', '3000--{id}.localhost.', 404],
    ['a wrong id', '3000--{id}0.localhost', 404],
    ['another domain', '3000--{id}.example.org', 421],
    ['IPv6', '[::1]', 404]
  ])('with %s are what they should be', async (_name, host, status) => {
    const answer = await sendRaw(`GET /echo HTTP/1.1\r\nHost: ${host.replace('{id}', projectId)}`)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it('that disagree within a request are refused', async () => {
    const preview = `3000--${projectId}.localhost:${serverPort}`
    for (const head of [
      `GET /echo HTTP/1.1\r\nHost: ${preview}\r\nHost: localhost`,
      `GET /health HTTP/1.1\r\nHost: localhost\r\nHost: ${preview}`,
      `GET http://${preview}/echo HTTP/1.1\r\nHost: ${preview}`,
      `GET http://localhost/health HTTP/1.1\r\nHost: ${preview}`
    ]) expect(await sendRaw(head)).toMatch(/^HTTP\/1\.1 400 /)
    expect(await sendRaw(`GET http://${preview}/echo HTTP/1.1\r\nHost: localhost`)).toMatch(/^HTTP\/1\.1 404 /)
  })

  it('of previews reach nothing of the API, and the API nothing of previews', async () => {
    for (const path of ['/health', '/auth/me', '/projects', '/docs', '/api/languages', `/preview/handover?project=${projectId}&port=3000`]) {
      const answer = await anybody.visit(path, { headers: { 'x-api-key': user.key } })
      expect([answer.status, answer.text]).toEqual([404, 'no such route of the app'])
    }
    expect((await askApi('/echo', { 'x-api-key': user.key })).status).toBe(404)
    expect((await askApi('/.berth/handover?token=x', {})).status).toBe(404)
  })
})

it('counts a preview as activity while bytes flow', async () => {
  const before = (await user.status(projectId)).lastActiveAt
  const stream = await anybody.open('/events', { headers: { 'x-api-key': user.key } })
  await once(stream, 'data')
  await waitFor('the visit to count', async () => (await user.status(projectId)).lastActiveAt > before)
  const opened = (await user.status(projectId)).lastActiveAt
  await createVisitor(berth, projectId, 3000, { 'x-api-key': user.key }).visit('/events/next', { method: 'POST' })
  await waitFor('the event to count', async () => (await user.status(projectId)).lastActiveAt > opened)
  stream.destroy()
})
