import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { nothing, engineState } from '../projects/engine-state.ts'
import { signUp, type User } from '../projects/user.ts'
import { filesOf, type Files } from './client.ts'

let berth: Berth
let user: User
beforeAll(async () => {
  berth = await startProjectsBerth()
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())

let id: string
let files: Files
beforeEach(async () => {
  ({ id } = await user.createProject({ files: [{ path: 'given.txt', content: 'given' }] }))
  files = filesOf(berth.origin, user, id)
})
afterEach(async () => {
  await user.call('DELETE', `/projects/${id}`)
})

async function sandboxes (): Promise<string[]> {
  const found = await berth.app.docker.containers.list({ all: true, filters: { label: ['berth.kind=files', `berth.project=${id}`] } })
  return found.map(({ Id }) => Id)
}

describe('a project that has never run', () => {
  it('has its first files, and what is written before it runs is there when it does', async () => {
    expect(await files.text('given.txt')).toBe('given')
    await files.put('given.txt', 'changed')
    await files.put('more.py', 'print("more")')
    await user.start(id)
    expect((await user.exec(id, 'cat given.txt; python3 more.py; stat -c %u .')).output).toMatch(/^changedmore\n[12]\d{6}\n$/)
  })

  it('is not started by that', async () => {
    await files.list()
    expect((await user.status(id)).status).toBe('stopped')
    expect(await sandboxes()).toHaveLength(1)
    expect(await engineState(berth.app.docker, await instanceOf(), id)).toMatchObject({ containers: [], volumes: [expect.any(String)] })
  })

  it('leaves nothing behind when it is deleted, also while its files are worked on', async () => {
    await files.put('a', 'a')
    const uploads = Promise.allSettled(Array.from({ length: 20 }, async (_, number) => await files.send('PUT', `file-${number}`, Buffer.alloc(1_000_000))))
    await user.remove(id)
    await uploads
    await waitFor('the sandbox to be gone', async () => (await sandboxes()).length === 0)
    await berth.app.projects.reconcile()
    expect(await engineState(berth.app.docker, await instanceOf(), id)).toEqual({ ...nothing, networks: [] })
    expect((await files.send('GET', 'a')).status).toBe(404)
  })
})

async function instanceOf (): Promise<string> {
  return berth.app.projects.instanceId
}

describe('files and watches', () => {
  it('go on when the project starts, stops, and is killed', async () => {
    const client = files.connect()
    await client.ready()
    await client.watch('/')
    const isSeen = async (path: string): Promise<void> => {
      await waitFor(`${path} to be seen`, async () => {
        await files.put(path, 'x')
        return client.messages.some((message) => message.type === 'change' && message.path === path)
      })
    }
    await isSeen('at-rest')
    await user.start(id)
    await waitFor('the overflow of the start', () => client.messages.filter(({ type }) => type === 'overflow').length === 1)
    await user.exec(id, 'touch by-program')
    await client.message({ type: 'change', path: 'by-program' })
    await user.stop(id)
    await waitFor('the overflow of the stop', () => client.messages.filter(({ type }) => type === 'overflow').length === 2)
    await isSeen('at-rest-again')
    await user.start(id)
    const { containerId } = await user.status(id)
    await berth.app.docker.containers.kill(containerId ?? '')
    await waitFor('the project to stop', async () => (await user.status(id)).status === 'stopped')
    await isSeen('after-the-kill')
    expect(client.messages.filter(({ type }) => type === 'error')).toEqual([])
    await client.close()
  })

  it('survive that somebody takes the sandbox away', async () => {
    await files.put('a', 'a')
    for (const sandbox of await sandboxes()) await berth.app.docker.containers.remove(sandbox, { force: true })
    expect(await files.text('a')).toBe('a')
  })

  it('are answered 503 when their place goes in the middle, and keep what was there', async () => {
    await files.put('a', 'old')
    let isPulled: () => void = () => undefined
    const pulled = new Promise<void>((resolve) => { isPulled = resolve })
    const source = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.alloc(100_000)),
      pull: async () => {
        isPulled()
        await new Promise(() => undefined)
      }
    }, { highWaterMark: 0 })
    const upload = files.send('PUT', 'a', source)
    await pulled
    const [sandbox = ''] = await sandboxes()
    await berth.app.docker.containers.kill(sandbox)
    const response = await upload
    expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([503, expect.any(String), expect.objectContaining({ code: 'FILES_INTERRUPTED' })])
    expect(await files.text('a')).toBe('old')
  })
})

describe('the idle clock', () => {
  it('goes on from the last call', async () => {
    await user.start(id)
    const before = Date.parse((await user.status(id)).lastActiveAt)
    await waitFor('the clock to go on', async () => {
      await files.list()
      return Date.parse((await user.status(id)).lastActiveAt) > before
    })
    expect((await user.status(id)).files).toEqual({ size: expect.any(Number), limit: 2 * 1024 ** 3, entries: 1, entriesLimit: 250_000 })
  })
})

describe('the server', () => {
  it('takes its sandboxes along when it stops', async () => {
    const other = await startProjectsBerth()
    const owner = await signUp(other.origin)
    const project = await owner.createProject()
    await filesOf(other.origin, owner, project.id).put('a', 'a')
    const { docker, projects } = other.app
    const label = [`berth.instance=${projects.instanceId}`, 'berth.kind=files', `berth.project=${project.id}`]
    expect(await docker.containers.list({ all: true, filters: { label } })).toHaveLength(1)
    await owner.remove(project.id)
    expect(await docker.containers.list({ all: true, filters: { label } })).toEqual([])
    await other.stop()
  })
})
