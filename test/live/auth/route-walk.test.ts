import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPerson, join, type Person } from '../members/people.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import type { ErrorBody } from '../support/berth.ts'
import { access, type For } from './access-table.ts'

const NO_UUID = '00000000-0000-4000-8000-000000000000'
// It shows a browser a page to sign in on, so that it looks at the question before the one who asks.
const QUERIES: Readonly<Record<string, string>> = { '/preview/handover': `?project=${NO_UUID}&port=3000` }
// Its errors are those of another API: a message, and no code.
const isPiston = (url: string): boolean => url.startsWith('/api/v2/')
const isDocument = (url: string): boolean => url === '/docs' || url.startsWith('/docs/')

interface Route {
  readonly method: string
  readonly url: string
}

const nobody = { nothing: {}, 'a wrong key': { 'X-API-Key': 'brt_wrong' }, 'a wrong cookie': { Cookie: 'jwt=a.b.c' } }
type Role = keyof typeof nobody | 'stranger' | 'viewer' | 'editor' | 'owner' | 'teacher' | 'admin'

const roles: readonly Role[] = ['nothing', 'a wrong key', 'a wrong cookie', 'stranger', 'viewer', 'editor', 'owner', 'teacher', 'admin']
const noPart: Partial<Record<Role, string>> = { stranger: 'PROJECT_NOT_FOUND', teacher: 'PROJECT_NOT_FOUND', admin: 'PROJECT_NOT_FOUND' }

/** With what code those are refused whom a route is not for. */
const refusals: Readonly<Record<For, Partial<Record<Role, string>>>> = {
  public: {},
  user: {},
  teacher: { stranger: 'TEACHER_ONLY', viewer: 'TEACHER_ONLY', editor: 'TEACHER_ONLY', owner: 'TEACHER_ONLY' },
  admin: { stranger: 'ADMIN_ONLY', viewer: 'ADMIN_ONLY', editor: 'ADMIN_ONLY', owner: 'ADMIN_ONLY', teacher: 'ADMIN_ONLY' },
  view: noPart,
  edit: { ...noPart, viewer: 'VIEW_ONLY' },
  own: { ...noPart, viewer: 'OWNER_ONLY', editor: 'OWNER_ONLY' }
}
const refusalCodes = new Set(['UNAUTHENTICATED', ...Object.values(refusals).flatMap((codes) => Object.values(codes))])

let berth: Berth
let project: string
let headers: Record<Role, Record<string, string>>
const routes: Route[] = []

/** Fastify announces each new instance, so that every route can be seen as it is registered. */
function collect (message: unknown): void {
  (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
    for (const one of [method].flat()) routes.push({ method: one, url })
  })
}

beforeAll(async () => {
  subscribe('fastify.initialization', collect)
  try {
    berth = await startProjectsBerth()
  } finally {
    unsubscribe('fastify.initialization', collect)
  }
  const [stranger, viewer, editor, owner, teacher] = await Promise.all([0, 1, 2, 3, 4].map(async () => await createPerson(berth.origin))) as [Person, Person, Person, Person, Person]
  ;({ id: project } = await owner.createProject())
  await join(owner, project, viewer, 'viewer')
  await join(owner, project, editor, 'editor')
  const made = await fetch(`${berth.origin}/api/users/${teacher.id}`, { method: 'PATCH', headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json' }, body: JSON.stringify({ role: 'teacher' }) })
  if (made.status !== 200) throw new Error(`no teacher: ${await made.text()}`)
  const keyOf = ({ key }: { key: string }) => ({ 'X-API-Key': key })
  headers = { ...nobody, stranger: keyOf(stranger), viewer: keyOf(viewer), editor: keyOf(editor), owner: keyOf(owner), teacher: keyOf(teacher), admin: keyOf(berth) }
})
afterAll(async () => {
  await fetch(`${berth.origin}/projects/${project}`, { method: 'DELETE', headers: headers.owner })
  await berth.stop()
})

/** Of a type that hardly any route takes: whoever is let in is refused for that, and nothing is done. */
async function ask (role: Role, { method, url }: Route): Promise<{ status: number, body: Partial<ErrorBody> | undefined }> {
  const isAboutProject = /^\/(projects|terminal)\/:/.test(url)
  // git would start the project: a question that it does not know is refused next.
  const query = QUERIES[url] ?? (url.includes('/git/') ? '?unknown=1' : '')
  const path = url.replace(':id', isAboutProject ? project : NO_UUID).replaceAll(/:\w+/g, NO_UUID).replace('*', 'x') + query
  const body = ['GET', 'HEAD'].includes(method) ? {} : { body: 'x' }
  const response = await fetch(berth.origin + path, { method, headers: { ...headers[role], 'Content-Type': 'text/x-nothing' }, ...body })
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  // Events never end.
  if (!isJson) await response.body?.cancel()
  const text = isJson ? await response.text() : ''
  return { status: response.status, body: isJson && text !== '' ? JSON.parse(text) as Partial<ErrorBody> : undefined }
}

const whomFor = ({ method, url }: Route): For | undefined => isDocument(url) ? 'public' : access.get(`${method === 'HEAD' ? 'GET' : method} ${url}`)

describe('every route of the server', () => {
  it('says whom it is for', () => {
    expect(routes.filter((route) => whomFor(route) === undefined), 'write down in access-table.ts whom they are for').toEqual([])
    const known = new Set(routes.map(({ method, url }) => `${method} ${url}`))
    expect([...access.keys()].filter((route) => !known.has(route))).toEqual([])
  })

  it.each(roles)('is open to %s or refuses as it should', async (role) => {
    const wrong: string[] = []
    for (const route of routes) {
      const whom = whomFor(route) ?? 'public'
      const isNobody = role in nobody
      const expected = isNobody && whom !== 'public' ? 'UNAUTHENTICATED' : refusals[whom][role]
      const { status, body } = await ask(role, route)
      const code = body?.code ?? (isPiston(route.url) && status === 401 ? 'UNAUTHENTICATED' : undefined)
      const refusedWith = refusalCodes.has(code ?? '') ? code : undefined
      // A HEAD has no body, a refused one no other status.
      const isRight = route.method === 'HEAD' && expected !== undefined ? [401, 403, 404].includes(status) : refusedWith === expected
      if (!isRight || status >= 500) wrong.push(`${route.method} ${route.url}: ${status} ${code}, not ${expected ?? 'let in'}`)
    }
    expect(wrong).toEqual([])
  })

  it('about the project has left it as it was', async () => {
    const { status, body } = await ask('owner', { method: 'GET', url: '/projects/:id' })
    expect([status, body]).toEqual([200, expect.objectContaining({ status: 'stopped', name: 'test' })])
  })
})
