import { describe, expect, it } from 'vitest'
import { encodeCursor } from '../../../src/db/page.ts'
import { readCursor } from '../../../src/http/cursor.ts'
import type { ProjectRepo } from '../../../src/projects/core/repo.ts'
import { createProjectService } from '../../../src/projects/core/service.ts'

const untouched = new Proxy({} as ProjectRepo, {
  get: (_repo, name) => { throw new Error(`the database was asked to ${String(name)}`) }
})
const python = { name: 'python', image: async () => 'berth/python:1', env: () => ({}), memoryBytes: undefined }

function createService (more: Partial<Parameters<typeof createProjectService>[0]> = {}) {
  return createProjectService({
    templates: [],
    repo: untouched,
    runtimes: { names: ['python'], find: () => python },
    hasNetwork: async () => true,
    budgetBytes: async () => 1,
    settings: { quota: 1, filesBytes: 1, memoryBytes: 1, isMemoryByLanguage: true, memoryMaxBytes: 1, cpus: 1, cpusMax: 1 },
    ...more
  })
}

describe('a new project', () => {
  it('of a runtime that is not there is told which ones are', async () => {
    const service = createService({ runtimes: { names: ['python', 'bun'], find: () => undefined } })
    await expect(service.create('owner', { name: 'x', runtime: 'cobol' })).rejects.toMatchObject({
      code: 'UNKNOWN_LANGUAGE',
      message: expect.stringMatching(/"cobol".*python, bun/)
    })
  })

  it.each([
    ['an address that is none', { fromGit: { url: 'file:///etc' } }, /address is none of/],
    ['a ref that is none', { fromGit: { url: 'https://example.org/a', ref: '--upload-pack=x' } }, /ref begins with a dash/],
    ['files besides', { fromGit: { url: 'https://example.org/a' }, files: [] }, /not of several/]
  ])('from a repository is refused with %s', async (_what, given, message) => {
    await expect(createService().create('owner', { name: 'x', runtime: 'python', ...given }))
      .rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(message) })
  })

  it('from a repository is refused where projects have no network', async () => {
    await expect(createService({ hasNetwork: async () => false }).create('owner', { name: 'x', runtime: 'python', fromGit: { url: 'https://example.org/a' } }))
      .rejects.toMatchObject({ statusCode: 400, message: expect.stringMatching(/no network/) })
  })
})

describe('a cursor', () => {
  it('finds its place again', () => {
    const position = { createdAt: new Date(1_700_000_000_123), id: '00000000-0000-4000-8000-000000000000' }
    expect(readCursor(encodeCursor(position))).toEqual(position)
  })

  it.each(['', 'x', Buffer.from('1.no-uuid').toString('base64url'), Buffer.from("x'.00000000-0000-4000-8000-000000000000").toString('base64url'), Buffer.from('999999999999999.00000000-0000-4000-8000-00000000000').toString('base64url')])('that is none of ours is refused: %j', (cursor) => {
    expect(() => readCursor(cursor)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })
})
