import { describe, expect, it } from 'vitest'
import { decodeCursor, encodeCursor } from '../../../src/projects/cursor.ts'
import type { ProjectRepo } from '../../../src/projects/repo.ts'
import { createProjectService } from '../../../src/projects/service.ts'
import { readyRuntime } from '../../support/runtime-fixture.ts'

const untouched = new Proxy({} as ProjectRepo, {
  get: (_repo, name) => { throw new Error(`the database was asked to ${String(name)}`) }
})

describe('a new project', () => {
  it('of a runtime that is not there is told which ones are', async () => {
    const python = readyRuntime().definition
    const catalogue = { runtimes: [python, { ...python, language: 'bun' }], find: () => undefined }
    const service = createProjectService({ repo: untouched, catalogue, quota: 1, filesMax: 1, filesBytesMax: 1 })
    await expect(service.create('owner', { name: 'x', runtime: 'cobol' })).rejects.toMatchObject({
      code: 'UNKNOWN_LANGUAGE',
      message: expect.stringMatching(/"cobol".*python, bun/)
    })
  })
})

describe('a cursor', () => {
  it('finds its place again', () => {
    const position = { createdAt: new Date(1_700_000_000_123), id: '00000000-0000-4000-8000-000000000000' }
    expect(decodeCursor(encodeCursor(position))).toEqual(position)
  })

  it.each(['', 'x', Buffer.from('1 no-uuid').toString('base64url'), Buffer.from("x' 00000000-0000-4000-8000-000000000000").toString('base64url'), Buffer.from('999999999999999 00000000-0000-4000-8000-00000000000').toString('base64url')])('that is none of ours is refused: %j', (cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })
})
