import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { contentDisposition } from '../../http/content-disposition.ts'
import { abortOnDisconnect } from '../../http/disconnect.ts'
import { IdParams } from '../../lib/schemas.ts'
import { traceOf } from '../../plugins/audit.ts'
import type { ClassWork } from './class-work.ts'
import { CollectQuerySchema, SnapshotCopiesSchema } from './schemas.ts'
import type { AssignmentService } from './service.ts'

export interface ClassRoutesOptions {
  readonly assignments: Pick<AssignmentService, 'get' | 'allCopies'>
  readonly work: ClassWork
}

/** What a teacher does with all copies of an assignment at once. */
export const classRoutes: FastifyPluginAsyncTypebox<ClassRoutesOptions> = async (app, { assignments, work }) => {
  const note = (request: FastifyRequest, action: string, subject: string, copies: number): void =>
    app.audit({ ...traceOf(request), action, userId: request.owner, subject, details: { copies } })

  app.addHook('onRequest', app.requireTeacher)

  app.post('/assignments/:id/snapshots', {
    config: { needsSpace: true },
    schema: { operationId: 'snapshotCopies', summary: 'A snapshot of each copy, one after the other: a line of JSON for each, with the snapshot or why there is none', tags: ['assignments'], params: IdParams, body: SnapshotCopiesSchema, produces: ['application/x-ndjson'] }
  }, async (request, reply) => {
    const { id, name } = await assignments.get(request.owner, request.params.id)
    const copies = await assignments.allCopies(request.owner, id)
    const lines = work.takeSnapshots(request.owner, copies, request.body?.name ?? name, abortOnDisconnect(reply))
    note(request, 'assignment.snapshot', id, copies.length)
    return await reply.type('application/x-ndjson').send(lines)
  })

  app.post('/assignments/:id/collect', {
    schema: { operationId: 'collectCopies', summary: 'All copies in one tar.gz, a directory for each; what could not be read is told in a file beside it', tags: ['assignments'], params: IdParams, querystring: CollectQuerySchema, produces: ['application/gzip'] }
  }, async (request, reply) => {
    const { id, name } = await assignments.get(request.owner, request.params.id)
    const copies = await assignments.allCopies(request.owner, id)
    const archive = work.collect(request.owner, copies, request.query.exclude ?? [], abortOnDisconnect(reply))
    note(request, 'assignment.collect', id, copies.length)
    return await reply.type('application/gzip').header('Content-Disposition', contentDisposition('attachment', `${name}.tar.gz`)).send(archive)
  })
}
