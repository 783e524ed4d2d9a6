import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import tar from 'tar-stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Assignment, Copy, OwnCopy, Taken } from '../../../src/projects/assignments/schemas.ts'
import type { Project, ProjectList } from '../../../src/projects/core/schemas.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { userWithKey } from '../projects/user.ts'
import { createPerson, type Person } from './people.ts'

let berth: Berth
let teacher: Person
let other: Person
let ada: Person
let bob: Person
let source: Project
let assignment: Assignment
let token: string

beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_QUOTA: '4' })
  ;[teacher, other, ada, bob] = await Promise.all([0, 1, 2, 3].map(async () => await createPerson(berth.origin))) as [Person, Person, Person, Person]
  for (const { id } of [teacher, other]) await userWithKey(berth.origin, berth.key).call('PATCH', `/api/users/${id}`, { role: 'teacher' })
  source = await teacher.createProject({ name: 'Sorting', network: 'none', memory: 256 * 1024 ** 2, files: [{ path: 'task/sort.py', content: 'def sort(items): ...\n' }] })
  await teacher.call('PUT', `/projects/${source.id}/env/HINT`, { value: 'secret solution' })
})
afterAll(async () => {
  for (const person of [teacher, ada, bob]) {
    const { projects } = (await person.call<ProjectList>('GET', '/projects')).body
    for (const { id } of projects) await person.remove(id)
  }
  await berth.stop()
})
beforeEach(async () => {
  const { status, body } = await create({ project: source.id })
  expect(status).toBe(201)
  assignment = body.assignment
  token = body.link.split('#')[1] ?? ''
})

const create = async (of: Record<string, unknown>, by: Person = teacher) =>
  await by.call<{ assignment: Assignment, link: string, code?: string }>('POST', '/assignments', { name: 'Sort it', ...of })
const open = async (by: Person, given = token) => await by.call<Project & { code?: string }>('POST', '/assignments/open', { token: given })
const copies = async (by: Person = teacher) => (await by.call<{ copies: Copy[], code?: string }>('GET', `/assignments/${assignment.id}/copies`)).body
const read = async (by: Person, project: string, path: string) => await (await by.send('GET', `/projects/${project}/files/${path}`)).text()
const write = async (by: Person, project: string, path: string, content: string) => (await by.send('PUT', `/projects/${project}/files/${path}`, undefined, { body: content })).status

/** What is in the archive, by path. */
async function collect (query = ''): Promise<Map<string, string>> {
  const response = await teacher.send('POST', `/assignments/${assignment.id}/collect${query}`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/gzip'])
  const found = new Map<string, string>()
  const entries = Readable.fromWeb(response.body as never).pipe(createGunzip()).pipe(tar.extract())
  for await (const entry of entries) found.set(entry.header.name, entry.header.type === 'symlink' ? `-> ${entry.header.linkname}` : await text(entry))
  return found
}

describe('an assignment', () => {
  it('gives each student a copy of their own, the same when they ask again, also at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, async () => await open(ada)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201])
    const [copy] = answers.map(({ body }) => body)
    expect(new Set(answers.map(({ body }) => body.id))).toEqual(new Set([copy?.id]))
    expect(copy).toMatchObject({ name: 'Sort it', runtime: 'python', role: 'owner', network: 'none', memory: 256 * 1024 ** 2 })
    const { body: theirs } = await open(bob)
    expect(theirs.id).not.toBe(copy?.id)
    expect(await read(ada, copy?.id ?? '', 'task/sort.py')).toBe('def sort(items): ...\n')
    expect((await ada.call('GET', `/projects/${copy?.id}/env`)).body).toEqual({ env: {} })
    expect((await ada.call('GET', `/projects/${theirs.id}`)).status).toBe(404)
    expect((await ada.call('GET', `/projects/${source.id}`)).status).toBe(404)
    for (const [person, id] of [[ada, copy?.id], [bob, theirs.id]] as const) await person.remove(id ?? '')
  })

  it('keeps its files, whatever becomes of the project and its snapshots', async () => {
    const fleeting = await teacher.createProject({ files: [{ path: 'a', content: 'kept' }] })
    const { body: snapshot } = await teacher.call<{ id: string }>('POST', `/projects/${fleeting.id}/snapshots`)
    const { body } = await create({ snapshot: snapshot.id })
    await teacher.call('DELETE', `/projects/${fleeting.id}/snapshots/${snapshot.id}`)
    await teacher.remove(fleeting.id)
    await berth.app.projects.reconcile()
    const { body: copy } = await open(ada, body.link.split('#')[1])
    expect(await read(ada, copy.id, 'a')).toBe('kept')
    await ada.remove(copy.id)
  })

  it('is listed with its copies: whose, how they stand, when something was last done', async () => {
    const { body: copy } = await open(ada)
    const [shown, ...others] = (await copies()).copies
    expect(others).toEqual([])
    expect(shown).toEqual({
      project: { id: copy.id, name: 'Sort it', status: 'stopped', createdAt: copy.createdAt, lastActiveAt: expect.any(String) },
      owner: { id: ada.id, email: ada.email, name: null },
      snapshotAt: expect.any(String)
    })
    expect((await teacher.call<{ assignments: Assignment[] }>('GET', '/assignments?limit=1')).body.assignments).toEqual([{ ...assignment, copies: 1 }])
    expect((await teacher.call('GET', `/assignments/${assignment.id}`)).body).toEqual({ assignment: { ...assignment, copies: 1 } })
    await ada.remove(copy.id)
    expect((await copies()).copies).toEqual([])
    expect((await open(ada)).status).toBe(201)
    await ada.remove((await open(ada)).body.id)
  })

  it('lets its teacher work in the copies, and nobody else, until it is deleted', async () => {
    const { body: copy } = await open(ada)
    expect((await teacher.call('GET', `/projects/${copy.id}`)).body).toMatchObject({ id: copy.id, role: 'editor' })
    expect(await write(teacher, copy.id, 'remark.txt', 'well done')).toBe(201)
    expect(await read(ada, copy.id, 'remark.txt')).toBe('well done')
    expect((await teacher.call('DELETE', `/projects/${copy.id}`)).body.code).toBe('OWNER_ONLY')
    expect((await other.call('GET', `/projects/${copy.id}`)).status).toBe(404)
    expect((await teacher.call<ProjectList>('GET', '/projects')).body.projects.map(({ id }) => id)).not.toContain(copy.id)
    expect((await teacher.call('DELETE', `/assignments/${assignment.id}`)).status).toBe(204)
    expect((await teacher.call('GET', `/projects/${copy.id}`)).status).toBe(404)
    expect((await ada.call('GET', `/projects/${copy.id}`)).status).toBe(200)
    expect((await open(bob)).body.code).toBe('BAD_LINK')
    await ada.remove(copy.id)
  })

  it('that is closed makes no more copies, and opened again does', async () => {
    const { body: copy } = await open(ada)
    const closed = await teacher.call<{ assignment: Assignment }>('PATCH', `/assignments/${assignment.id}`, { closed: true })
    expect(closed.body.assignment).toMatchObject({ id: assignment.id, closedAt: expect.any(String) })
    expect(await open(bob)).toMatchObject({ status: 409, body: { code: 'ASSIGNMENT_CLOSED' } })
    expect((await open(ada)).body.id).toBe(copy.id)
    await teacher.call('PATCH', `/assignments/${assignment.id}`, { closed: false, name: 'Again' })
    const { body: theirs } = await open(bob)
    expect(theirs.name).toBe('Again')
    await Promise.all([ada.remove(copy.id), bob.remove(theirs.id)])
  })

  it('tells everybody who has a copy when it is due, and goes on after that', async () => {
    const dueAt = '2001-02-03T04:05:06.000Z'
    expect((await create({ project: source.id, dueAt: 'tomorrow' })).status).toBe(400)
    const { body } = await create({ project: source.id, name: 'Due', dueAt })
    expect(body.assignment.dueAt).toBe(dueAt)
    const { body: copy } = await open(ada, body.link.split('#')[1])
    const own = async (by: Person) => (await by.call<{ copies: OwnCopy[] }>('GET', '/assignments/copies')).body.copies.filter(({ name }) => name === 'Due')
    expect(await own(ada)).toEqual([{ project: copy.id, name: 'Due', dueAt, closedAt: null }])
    expect(await own(bob)).toEqual([])
    const path = `/assignments/${body.assignment.id}`
    expect((await teacher.call('PATCH', path, { name: 'Due' })).body).toMatchObject({ assignment: { dueAt } })
    expect((await teacher.call('PATCH', path, { dueAt: null })).body).toMatchObject({ assignment: { dueAt: null } })
    expect((await other.call('PATCH', path, { dueAt })).status).toBe(404)
    expect(await own(ada)).toMatchObject([{ dueAt: null }])
    await ada.remove(copy.id)
    expect(await own(ada)).toEqual([])
  })

  it('has one link at a time, which is stored as a hash', async () => {
    const { body } = await teacher.call<{ link: string }>('POST', `/assignments/${assignment.id}/link`)
    expect((await open(ada)).body.code).toBe('BAD_LINK')
    const { status, body: copy } = await open(ada, body.link.split('#')[1])
    expect(status).toBe(201)
    await ada.remove(copy.id)
  })

  it('counts the copy as its student\'s: refused beyond their quota', async () => {
    const own = await Promise.all(Array.from({ length: 4 }, async () => await bob.createProject()))
    expect(await open(bob)).toMatchObject({ status: 429, body: { code: 'PROJECT_QUOTA' } })
    for (const { id } of own) await bob.remove(id)
  })

  it.each<[string, Record<string, unknown>, number]>([
    ['nothing', {}, 400],
    ['both', { project: '00000000-0000-4000-8000-000000000000', snapshot: '00000000-0000-4000-8000-000000000000' }, 400],
    ['a project that is not there', { project: '00000000-0000-4000-8000-000000000000' }, 404],
    ['a snapshot that is not there', { snapshot: '00000000-0000-4000-8000-000000000000' }, 404],
    ['no uuid', { project: 'x' }, 400],
    ['a bad name', { project: '00000000-0000-4000-8000-000000000000', name: '' }, 400]
  ])('is not made of %s', async (_what, of, status) => {
    expect((await create(of)).status).toBe(status)
  })

  it('is its teacher\'s alone, and made of what is theirs alone', async () => {
    expect((await create({ project: source.id }, other)).body.code).toBe('PROJECT_NOT_FOUND')
    expect((await create({ project: source.id }, ada)).body.code).toBe('TEACHER_ONLY')
    const path = `/assignments/${assignment.id}`
    for (const [method, more, body] of [['GET', ''], ['PATCH', '', { closed: true }], ['DELETE', ''], ['POST', '/link'], ['GET', '/copies'], ['POST', '/snapshots'], ['POST', '/collect']] as const) {
      expect(await other.call(method, path + more, body), `${method} ${more}`).toMatchObject({ status: 404, body: { code: 'ASSIGNMENT_NOT_FOUND' } })
    }
    const seen = await waitFor('the events', async () => {
      const { events } = await (await berth.get(`/api/audit?subject=${assignment.id}`)).json() as { events: Array<{ action: string }> }
      return events.length > 0 && events
    })
    expect(seen.map(({ action }) => action)).toEqual(['assignment.create'])
  })

  it('is nobody\'s who is no teacher any more', async () => {
    const admin = userWithKey(berth.origin, berth.key)
    const { body: copy } = await open(ada)
    await admin.call('PATCH', `/api/users/${teacher.id}`, { role: 'user' })
    expect([(await teacher.call('GET', '/assignments')).body.code, (await teacher.call('GET', `/projects/${copy.id}`)).status]).toEqual(['TEACHER_ONLY', 404])
    await admin.call('PATCH', `/api/users/${teacher.id}`, { role: 'teacher' })
    expect((await teacher.call('GET', `/projects/${copy.id}`)).status).toBe(200)
    await ada.remove(copy.id)
  })
})

describe('all copies', () => {
  let one: string
  let two: string
  beforeEach(async () => {
    one = (await open(ada)).body.id
    two = (await open(bob)).body.id
  })
  const removeAll = async () => await Promise.all([ada.remove(one), bob.remove(two)])
  const directory = ({ email }: Person, id: string) => `${email}-${id.slice(0, 8)}`

  it('are kept as snapshots, a line for each', async () => {
    const response = await teacher.send('POST', `/assignments/${assignment.id}/snapshots`, { name: 'deadline' })
    const lines = (await response.text()).trim().split('\n').map((line) => JSON.parse(line) as Taken)
    expect(new Set(lines.map(({ project }) => project))).toEqual(new Set([one, two]))
    expect(lines.map(({ error }) => error)).toEqual([null, null])
    expect(lines.every(({ snapshot }) => snapshot?.name === 'deadline' && snapshot.kind === 'manual')).toBe(true)
    const { snapshots } = (await ada.call<{ snapshots: Array<{ name: string | null }> }>('GET', `/projects/${one}/snapshots`)).body
    expect(snapshots[0]?.name).toBe('deadline')
    await removeAll()
  })

  it('come as one archive, a directory for each, whether they run or not', async () => {
    await write(ada, one, 'task/sort.py', 'sorted\n')
    await write(ada, one, 'node_modules/x.js', 'x')
    await write(ada, one, 'large.bin', 'x'.repeat(600_000))
    await bob.exec(two, 'ln -s /etc/passwd out; ln -s ../../escape up; ln -s task in; mkfifo fifo; chmod 4755 task/sort.py')
    const found = await collect('?exclude=node_modules')
    const [ofAda, ofBob] = [directory(ada, one), directory(bob, two)]
    expect(found.get(`${ofAda}/task/sort.py`)).toBe('sorted\n')
    expect(found.get(`${ofAda}/large.bin`)?.length).toBe(600_000)
    expect([...found.keys()].filter((name) => name.includes('node_modules'))).toEqual([])
    expect(found.has(`${ofAda}.incomplete.txt`)).toBe(false)
    expect(found.get(`${ofBob}/in`)).toBe('-> task')
    expect([found.has(`${ofBob}/out`), found.has(`${ofBob}/up`), found.has(`${ofBob}/fifo`)]).toEqual([false, false, false])
    expect(found.get(`${ofBob}.incomplete.txt`)).toMatch(/^3 were left out/)
    await removeAll()
  })

  it('are worked on once at a time for each teacher', async () => {
    await write(ada, one, 'large.bin', 'x'.repeat(8_000_000))
    const first = await teacher.send('POST', `/assignments/${assignment.id}/snapshots`)
    const second = await teacher.call('POST', `/assignments/${assignment.id}/collect`)
    await first.text()
    expect([200, 503]).toContain(second.status)
    expect((await collect()).size).toBeGreaterThan(3)
    await removeAll()
  })
})
