import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signUp, type User } from '../projects/user.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { launch, startEverything, waitForPort } from './running-app.ts'
import { createVisitor } from './visitor.ts'

const browser = { accept: 'text/html' }

describe.each(['bridge', 'none'])('a project with network mode %s', (mode) => {
  let berth: Berth
  let user: User
  let projectId: string
  const visitorOf = (port: number) => createVisitor(berth, projectId, port, { 'x-api-key': user.key })

  beforeAll(async () => {
    berth = await startBerth({ SANDBOX_NETWORK_MODE: mode })
    user = await signUp(berth.origin)
    projectId = (await startEverything(berth, user, [[3000, '0.0.0.0'], [9090, '127.0.0.1']])).id
  })
  afterAll(async () => {
    await user.remove(projectId)
    await berth.stop()
  })

  it('shows what listens, wherever that is', async () => {
    for (const port of [3000, 9090]) expect((await visitorOf(port).visit('/echo')).status).toBe(200)
  })

  it('says with a page what listens and what to do when nothing is there', async () => {
    const page = await visitorOf(4000).visit('/', { headers: browser })
    expect([page.status, page.headers['content-type']]).toEqual([502, 'text/html; charset=utf-8'])
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(page.text).toContain('Nothing listens on port 4000')
    expect(page.text).toContain('<td>9090</td><td>node</td><td>loopback only</td>')
    expect((await visitorOf(4000).visit('/')).json()).toMatchObject({ statusCode: 502, code: 'PREVIEW_UNREACHABLE', error: 'Bad Gateway' })
  })

  it('tells visitors of a public preview nothing of what else listens', async () => {
    await user.call('PATCH', `/projects/${projectId}`, { previews: 'public' })
    const page = await createVisitor(berth, projectId, 4000).visit('/', { headers: browser })
    expect(page.status).toBe(502)
    expect(page.text).not.toContain('9090')
    await user.call('PATCH', `/projects/${projectId}`, { previews: 'private' })
  })

  it('finds an app that has just been started', async () => {
    await launch(berth, user, projectId, ['node', 'everything.mjs', '5000', '127.0.0.1'])
    await waitForPort(user, projectId, 5000)
    expect((await visitorOf(5000).visit('/echo')).status).toBe(200)
  })
})

describe('a project at rest', () => {
  let berth: Berth
  let user: User
  let projectId: string
  beforeAll(async () => {
    berth = await startBerth()
    user = await signUp(berth.origin)
    projectId = (await user.createProject()).id
  })
  afterAll(async () => {
    await user.remove(projectId)
    await berth.stop()
  })

  it('is not started by being looked at, and its owner gets a button that does', async () => {
    const owner = createVisitor(berth, projectId, 3000, { 'x-api-key': user.key })
    expect((await owner.visit('/')).json()).toMatchObject({ statusCode: 503, code: 'PREVIEW_NOT_RUNNING' })
    const page = await owner.visit('/', { headers: browser })
    expect([page.status, page.headers['retry-after']]).toEqual([503, '2'])
    expect(page.text).toContain('<form method="post" action="/.berth/start">')
    expect((await user.status(projectId)).status).toBe('stopped')
    const started = await owner.visit('/.berth/start', { method: 'POST' })
    expect([started.status, started.headers.location]).toEqual([303, '/'])
    expect((await user.status(projectId)).status).toBe('running')
    await user.stop(projectId)
  })

  it('says so to strangers of a public one, and does nothing for them', async () => {
    await user.call('PATCH', `/projects/${projectId}`, { previews: 'public' })
    const stranger = createVisitor(berth, projectId, 3000)
    const page = await stranger.visit('/', { headers: browser })
    expect([page.status, page.text.includes('<form')]).toEqual([503, false])
    expect((await stranger.visit('/.berth/start', { method: 'POST' })).status).toBe(503)
    expect((await user.status(projectId)).status).toBe('stopped')
  })

  it('serves a Python app once it runs', async () => {
    await user.start(projectId)
    await launch(berth, user, projectId, ['python3', '-m', 'http.server', '3000', '--bind', '127.0.0.1'])
    await waitForPort(user, projectId, 3000)
    const answer = await createVisitor(berth, projectId, 3000, { 'x-api-key': user.key }).visit('/')
    expect([answer.status, answer.text.includes('Directory listing')]).toEqual([200, true])
  })
})
