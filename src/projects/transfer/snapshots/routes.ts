import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { traceOf } from '../../../plugins/audit.ts'
import { abortOnDisconnect } from '../../../http/disconnect.ts'
import type { ProjectOf } from '../../core/access.ts'
import type { FoundProject } from '../../core/repo.ts'
import { ProjectParamsSchema, ProjectSchema, type Project } from '../../core/schemas.ts'
import { presentSnapshot } from './present.ts'
import { CreateSnapshotSchema, ForkSchema, ListSnapshotsSchema, SnapshotListSchema, SnapshotParamsSchema, SnapshotSchema } from './schemas.ts'
import type { SnapshotService } from './service.ts'

const tags = ['snapshots']

export interface SnapshotRoutesOptions {
  readonly projectOf: ProjectOf
  readonly snapshots: SnapshotService
  readonly fork: (userId: string, source: FoundProject, name: string | undefined, signal: AbortSignal) => Promise<Project>
  readonly hold: (projectId: string) => () => void
}

export const snapshotRoutes: FastifyPluginAsyncTypebox<SnapshotRoutesOptions> = async (app, { projectOf, snapshots, fork, hold }) => {
  const note = (action: string, request: FastifyRequest, subject: string, snapshot: string): void =>
    app.audit({ action, userId: request.owner, subject, details: { snapshot }, ...traceOf(request) })

  async function held<T> (projectId: string, work: () => Promise<T>): Promise<T> {
    const release = hold(projectId)
    return await work().finally(release)
  }

  app.post('/projects/:id/snapshots', {
    config: { access: 'edit', needsSpace: true },
    schema: { operationId: 'createSnapshot', summary: 'Keep all files of a project as they are now', tags, params: ProjectParamsSchema, body: CreateSnapshotSchema, response: { 201: SnapshotSchema } }
  }, async (request, reply) => {
    const { id, userId } = await projectOf(request)
    const signal = abortOnDisconnect(reply)
    const row = await held(id, async () => await snapshots.create({ id, userId }, request.body?.name ?? null, signal))
    note('snapshot.create', request, id, row.id)
    void reply.code(201)
    return presentSnapshot(row)
  })

  app.get('/projects/:id/snapshots', {
    config: { access: 'view' },
    schema: { operationId: 'listSnapshots', summary: 'Snapshots of a project, the newest first', tags, params: ProjectParamsSchema, querystring: ListSnapshotsSchema, response: { 200: SnapshotListSchema } }
  }, async (request) => {
    const { id } = await projectOf(request)
    const { rows, nextCursor } = await snapshots.list(id, request.query)
    return { snapshots: rows.map(presentSnapshot), nextCursor }
  })

  app.get('/projects/:id/snapshots/:snapshot', {
    config: { access: 'view' },
    schema: { operationId: 'getSnapshot', summary: 'A snapshot', tags, params: SnapshotParamsSchema, response: { 200: SnapshotSchema } }
  }, async (request) => {
    const { id } = await projectOf(request)
    return presentSnapshot(await snapshots.get(id, request.params.snapshot))
  })

  app.post('/projects/:id/snapshots/:snapshot/restore', {
    config: { access: 'edit', needsSpace: true },
    schema: { operationId: 'restoreSnapshot', summary: 'Make a project\'s files those of a snapshot', tags, params: SnapshotParamsSchema, response: { 200: SnapshotSchema } }
  }, async (request, reply) => {
    const { id, userId } = await projectOf(request)
    const signal = abortOnDisconnect(reply)
    const row = await held(id, async () => await snapshots.restore({ id, userId }, request.params.snapshot, signal))
    note('snapshot.restore', request, id, row.id)
    return presentSnapshot(row)
  })

  app.delete('/projects/:id/snapshots/:snapshot', {
    config: { access: 'edit' },
    schema: { operationId: 'deleteSnapshot', summary: 'Delete a snapshot', tags, params: SnapshotParamsSchema, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id } = await projectOf(request)
    await snapshots.remove(id, request.params.snapshot)
    note('snapshot.delete', request, id, request.params.snapshot)
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/fork', {
    config: { access: 'edit', needsSpace: true },
    schema: { operationId: 'forkProject', summary: 'Make a new project with the files that this one has now', tags, params: ProjectParamsSchema, body: ForkSchema, response: { 201: ProjectSchema } }
  }, async (request, reply) => {
    const source = await projectOf(request)
    const signal = abortOnDisconnect(reply)
    const project = await held(source.id, async () => await fork(request.owner, source, request.body?.name, signal))
    app.audit({ action: 'project.fork', userId: request.owner, subject: project.id, details: { source: source.id }, ...traceOf(request) })
    void reply.code(201)
    return project
  })
}
