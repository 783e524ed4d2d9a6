import Fastify from 'fastify'
import { beforeEach, describe, expect, it } from 'vitest'
import errorHandler from '../../../src/plugins/error-handler.ts'
import websocket from '../../../src/plugins/websocket.ts'
import { guardProjects } from '../../../src/projects/core/access.ts'
import type { FoundProject } from '../../../src/projects/core/repo.ts'
import { checkRole, may, rolesWith, type Access, type ProjectRole } from '../../../src/projects/core/roles.ts'

const accesses: Access[] = ['view', 'edit', 'own']

describe('a role', () => {
  it.each<[ProjectRole | null, Access[]]>([
    [null, []],
    ['viewer', ['view']],
    ['editor', ['view', 'edit']],
    ['owner', ['view', 'edit', 'own']]
  ])('%s may %j', (role, allowed) => {
    expect(accesses.filter((access) => may(role, access))).toEqual(allowed)
  })

  it.each<[ProjectRole | null, Access, string]>([
    [null, 'view', 'PROJECT_NOT_FOUND'],
    [null, 'own', 'PROJECT_NOT_FOUND'],
    ['viewer', 'edit', 'VIEW_ONLY'],
    ['viewer', 'own', 'OWNER_ONLY'],
    ['editor', 'own', 'OWNER_ONLY']
  ])('of %s that wants to %s is refused with %s', (role, access, code) => {
    expect(() => checkRole(role, access)).toThrow(expect.objectContaining({ code }))
  })

  it('is among those that may', () => {
    expect(accesses.map(rolesWith)).toEqual([['viewer', 'editor', 'owner'], ['editor', 'owner'], ['owner']])
  })
})

describe('a route about a project', () => {
  const handler = async () => null
  const asked: unknown[] = []

  async function createApp () {
    const app = Fastify()
    await app.register(errorHandler)
    await app.register(websocket)
    app.decorateRequest('owner', '')
    app.addHook('onRequest', async (request) => { request.owner = 'ada' })
    const projectOf = guardProjects(app, async (...given) => {
      asked.push(given)
      checkRole('viewer', given[2])
      return { id: 'found' } as FoundProject
    })
    return { app, projectOf }
  }
  beforeEach(() => { asked.length = 0 })

  it.each(['/projects/:id', '/projects/:id/anything', '/terminal/:id'])('%s that says nothing of access cannot be registered', async (url) => {
    const { app } = await createApp()
    expect(() => app.get(url, handler)).toThrow(`${url} must say`)
    expect(() => app.get(url, { config: { access: 'view' } }, handler)).not.toThrow()
  })

  it('of a plugin within is looked at too, and others are not', async () => {
    const { app } = await createApp()
    app.get('/projects', handler)
    await expect(app.register(async (scope) => { scope.delete('/projects/:id/x', handler) })).rejects.toThrow('DELETE /projects/:id/x')
  })

  it('looks once at who asks, before it looks at what is asked', async () => {
    const { app, projectOf } = await createApp()
    const schema = { body: { type: 'object', required: ['x'] } }
    app.get('/projects/:id/x', { config: { access: 'view' } }, async (request) => (await projectOf(request)).id)
    app.put('/projects/:id/x', { config: { access: 'edit' }, schema }, async () => 'never')
    expect((await app.inject('/projects/p/x')).body).toBe('found')
    expect((await app.inject({ method: 'PUT', url: '/projects/p/x', payload: {} })).json()).toMatchObject({ code: 'VIEW_ONLY' })
    expect(asked).toEqual([['ada', 'p', 'view'], ['ada', 'p', 'edit']])
  })

  it('that asks for a project under another path is refused to everybody', async () => {
    const { app, projectOf } = await createApp()
    app.get('/elsewhere/:id', async (request) => (await projectOf(request)).id)
    expect((await app.inject('/elsewhere/p')).statusCode).toBe(500)
    expect(asked).toEqual([])
  })
})
