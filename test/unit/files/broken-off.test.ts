import { PassThrough } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import errorHandler from '../../../src/plugins/error-handler.ts'
import { FileChangedError } from '../../../src/projects/transfer/archives/errors.ts'
import { archiveRoutes } from '../../../src/projects/transfer/archives/routes.ts'
import type { ArchiveService } from '../../../src/projects/transfer/archives/service.ts'
import { contentRoutes } from '../../../src/projects/files/http/content-routes.ts'
import type { FileService } from '../../../src/projects/files/service.ts'
import { planOperation } from '../../../src/projects/files/socket/operations.ts'
import type { FoundProject } from '../../../src/projects/core/repo.ts'
import { AgentLostError } from '../../../src/sandbox/agent-client/errors.ts'
import type { FileEntry } from '../../../src/sandbox/agent-protocol.ts'

const entry: FileEntry = { path: Buffer.from('file'), type: 'file', mode: 0o644, size: 10, mtimeNs: 1n, inode: 1n }
const interrupted = { code: 'FILES_INTERRUPTED', statusCode: 503 }

let app: FastifyInstance
let bytes: PassThrough
const files = { stat: async () => entry, open: async () => ({ entry, bytes }) } as unknown as FileService
const archives = { download: async () => bytes } as unknown as ArchiveService

beforeEach(async () => {
  bytes = new PassThrough()
  bytes.on('error', () => undefined)
  app = Fastify()
  app.decorate('audit', () => undefined)
  const projectOf = async (): Promise<FoundProject> => ({ id: 'p', name: 'project' }) as FoundProject
  await app.register(errorHandler)
  await app.register(contentRoutes, { projectOf, files })
  await app.register(archiveRoutes, { projectOf, archives, hold: () => () => undefined })
})
afterEach(async () => await app.close())

describe('an agent that is lost before the first byte of an answer', () => {
  const losses: Array<[string, () => void]> = [
    ['while it is waited for', () => setImmediate(() => bytes.destroy(new AgentLostError('gone')))],
    ['before anybody listens', () => bytes.destroy(new AgentLostError('gone'))]
  ]

  it.each(losses)('%s interrupts the read of a file, of which nothing is said', async (_, lose) => {
    lose()
    const { statusCode, headers, json } = await app.inject({ url: '/projects/p/files/file', headers: { range: 'bytes=0-4' } })
    expect([statusCode, json()]).toEqual([503, expect.objectContaining(interrupted)])
    expect(headers['retry-after']).toBeDefined()
    for (const name of ['etag', 'last-modified', 'content-range', 'content-disposition']) expect(headers).not.toHaveProperty(name)
  })

  it.each(losses)('%s interrupts the download of an archive', async (_, lose) => {
    lose()
    const { statusCode, headers, json } = await app.inject('/projects/p/archive')
    expect([statusCode, json()]).toEqual([503, expect.objectContaining(interrupted)])
    expect(headers['retry-after']).toBeDefined()
    expect(headers).not.toHaveProperty('content-disposition')
  })

  it('says that a file has changed under an archive', async () => {
    bytes.destroy(new FileChangedError('shorter'))
    const { statusCode, json } = await app.inject('/projects/p/archive')
    expect([statusCode, json()]).toEqual([409, expect.objectContaining({ code: 'FILES_CHANGED' })])
  })

  it.each(losses)('%s interrupts a read over the socket', async (_, lose) => {
    lose()
    await expect(planOperation('read', { path: 'file' }).perform({ files, projectId: 'p' })).rejects.toMatchObject(interrupted)
  })
})
