import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProjectList } from '../../../src/projects/core/schemas.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { signUp, type User } from './user.ts'

let berth: Berth
let user: User
let stranger: User
let id: string
beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_QUOTA: '5' }, { settings: { projects: { filesBytes: 65_536 } } })
  user = await signUp(berth.origin)
  stranger = await signUp(berth.origin)
  ;({ id } = await user.createProject())
})
afterAll(async () => await berth.stop())

const list = async (of: User, query = '') => (await of.call<ProjectList>('GET', `/projects${query}`)).body

describe('a new project', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['no name', { name: undefined }, 'VALIDATION_FAILED'],
    ['an empty name', { name: '' }, 'VALIDATION_FAILED'],
    ['a name of blanks', { name: '  ' }, 'VALIDATION_FAILED'],
    ['a name of 1 MB', { name: 'x'.repeat(100_000) }, 'VALIDATION_FAILED'],
    ['a line break in its name', { name: 'a\nb' }, 'VALIDATION_FAILED'],
    ['a lone surrogate in its name', { name: '\ud800' }, 'VALIDATION_FAILED'],
    ['another type of name', { name: 7 }, 'VALIDATION_FAILED'],
    ['an unknown runtime', { runtime: 'cobol' }, 'UNKNOWN_LANGUAGE'],
    ['a runtime that is a property of objects', { runtime: 'constructor' }, 'UNKNOWN_LANGUAGE'],
    ['an unknown field', { owner: 'somebody' }, 'VALIDATION_FAILED'],
    ['a path that leaves', { files: [{ path: '../a', content: '' }] }, 'BAD_PATH'],
    ['an absolute path', { files: [{ path: '/etc/passwd', content: '' }] }, 'BAD_PATH'],
    ['a path twice', { files: [{ path: 'a', content: '' }, { path: 'a', content: '' }] }, 'BAD_PATH'],
    ['broken base64', { files: [{ path: 'a', content: '%', encoding: 'base64' }] }, 'BAD_REQUEST']
  ])('with %s is refused with 400, and nothing is made', async (_name, more, code) => {
    const { status, body } = await user.call('POST', '/projects', { name: 'x', runtime: 'python', ...more })
    expect([status, body.code]).toEqual([400, code])
    expect((await list(user)).projects.length).toBe(1)
  })

  it('with too many bytes of files is refused with 413', async () => {
    const { status } = await user.call('POST', '/projects', { name: 'x', runtime: 'python', files: [{ path: 'a', content: 'x'.repeat(70_000) }] })
    expect(status).toBe(413)
  })

  it('may have any text as its name, which is never taken for anything else', async () => {
    const name = "Robert'); DROP TABLE projects;-- <b>ü 🚢</b> %s"
    const made = await user.createProject({ name, runtime: 'NODE' })
    expect(made).toMatchObject({ name, runtime: 'javascript', previews: 'private', status: 'stopped' })
    expect((await user.call('GET', `/projects/${made.id}`)).body).toEqual(made)
    await user.remove(made.id)
  })

  it('is refused with 429 beyond the quota, also of ten at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, async () => await user.call('POST', '/projects', { name: 'x', runtime: 'python' })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 429, 429, 429, 429, 429, 429])
    expect(answers.find(({ status }) => status === 429)?.body.code).toBe('PROJECT_QUOTA')
    const { projects } = await list(user)
    expect(projects.length).toBe(5)
  })
})

describe('the list', () => {
  it('comes in pages, the newest first, each project once', async () => {
    const all = (await list(user)).projects.map((project) => project.id)
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: ProjectList = await list(user, `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
      expect(page.projects.length).toBeLessThanOrEqual(2)
      seen.push(...page.projects.map((project) => project.id))
      cursor = page.nextCursor
    }
    expect(seen).toEqual(all)
    expect(seen.at(-1)).toBe(id)
  })

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'cursor=%00', 'cursor=MSAn', 'unknown=1'])('refuses ?%s', async (query) => {
    expect((await user.call('GET', `/projects?${query}`)).status).toBe(400)
  })
})

describe('a change', () => {
  it('of name and previews is kept', async () => {
    const { body } = await user.call<{ updatedAt: string }>('PATCH', `/projects/${id}`, { name: 'new name', previews: 'public' })
    expect(body).toMatchObject({ name: 'new name', previews: 'public' })
    expect((await user.call('GET', `/projects/${id}`)).body).toEqual(body)
  })

  it.each([{}, { name: '' }, { previews: 'everybody' }, { runtime: 'bun' }, { status: 'running' }])('to %j is refused', async (body) => {
    expect((await user.call('PATCH', `/projects/${id}`, body)).status).toBe(400)
  })
})

const routes: Array<[string, string, unknown?]> = [
  ['GET', ''], ['PATCH', '', { name: 'mine' }], ['DELETE', ''], ['POST', '/start'], ['POST', '/stop'], ['POST', '/restart'],
  ['GET', '/status'], ['GET', '/logs'], ['GET', '/logs?follow=true'], ['POST', '/exec', { cmd: 'true' }]
]

describe('two users', () => {
  it.each(routes)('%s /projects/:id%s of another user is 404, and nothing happens', async (method, path, body) => {
    const before = await user.status(id)
    expect(await stranger.call(method, `/projects/${id}${path}`, body)).toMatchObject({ status: 404, body: { code: 'PROJECT_NOT_FOUND' } })
    expect(await user.status(id)).toEqual(before)
  })

  it.each(routes)('%s /projects/:id%s of an id that is none is 404', async (method, path, body) => {
    for (const wrong of ['00000000-0000-4000-8000-000000000000', "1' or '1'='1", 'constructor']) {
      expect(await user.call(method, `/projects/${encodeURIComponent(wrong)}${path}`, body)).toMatchObject({ status: 404 })
    }
  })

  it('have lists of their own', async () => {
    expect(await list(stranger)).toEqual({ projects: [], nextCursor: null })
  })
})

describe('logs', () => {
  it('of a stopped project are empty, followed or not', async () => {
    const text = await user.send('GET', `/projects/${id}/logs?tail=10`)
    expect([text.status, text.headers.get('content-type'), await text.text()]).toEqual([200, 'text/plain; charset=utf-8', ''])
    const followed = await user.send('GET', `/projects/${id}/logs?follow=true`)
    expect([followed.status, followed.headers.get('content-type'), await followed.text()]).toEqual([200, 'application/x-ndjson', ''])
  })

  it('of a running project end with it when they are followed', async () => {
    await user.start(id)
    const followed = await user.send('GET', `/projects/${id}/logs?follow=true`)
    expect(followed.status).toBe(200)
    const end = followed.text()
    await user.stop(id)
    expect(await end).toBe('')
    for (const project of (await list(user)).projects) await user.remove(project.id)
  })
})
