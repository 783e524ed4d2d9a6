import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { traceOf } from '../../plugins/audit.ts'
import { ProjectSchema, type Project } from '../core/schemas.ts'
import { presentOwnCopy } from './present.ts'
import { OpenAssignmentSchema, OwnCopiesSchema } from './schemas.ts'
import type { AssignmentService } from './service.ts'

export interface OpenRouteOptions {
  readonly assignments: Pick<AssignmentService, 'open' | 'ownCopies'>
  readonly show: (userId: string, projectId: string) => Promise<Project>
}

/** For students. */
export const openRoute: FastifyPluginAsyncTypebox<OpenRouteOptions> = async (app, { assignments, show }) => {
  app.post('/assignments/open', {
    config: { needsSpace: true },
    schema: {
      operationId: 'openAssignment',
      summary: 'A copy of your own, by an assignment\'s link: 201 for a new one, 200 for the one that you have',
      tags: ['assignments'],
      body: OpenAssignmentSchema,
      response: { 200: ProjectSchema, 201: ProjectSchema }
    }
  }, async (request, reply) => {
    const { projectId, isNew, assignmentId } = await assignments.open(request.owner, request.body.token)
    if (isNew) app.audit({ ...traceOf(request), action: 'assignment.open', userId: request.owner, subject: assignmentId, details: { project: projectId } })
    return await reply.code(isNew ? 201 : 200).send(await show(request.owner, projectId))
  })

  app.get('/assignments/copies', {
    schema: { operationId: 'listOwnCopies', summary: 'What you have opened, and when it is due, the soonest first', tags: ['assignments'], response: { 200: OwnCopiesSchema } }
  }, async (request) => ({ copies: (await assignments.ownCopies(request.owner)).map(presentOwnCopy), nextCursor: null }))
}
