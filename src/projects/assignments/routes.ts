import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { errors } from '../../errors.ts'
import { abortOnDisconnect } from '../../http/disconnect.ts'
import { originOf } from '../../http/origin-of.ts'
import { closed, IdParams, pageQuery } from '../../lib/schemas.ts'
import { traceOf } from '../../plugins/audit.ts'
import { presentAssignment, presentCopy } from './present.ts'
import { AssignmentAnswerSchema, AssignmentsSchema, ChangeAssignmentSchema, CopiesSchema, CreateAssignmentSchema, LinkSchema, NewAssignmentSchema } from './schemas.ts'
import type { AssignmentService } from './service.ts'

export interface AssignmentRoutesOptions {
  readonly assignments: AssignmentService
  /** A snapshot of what is in the project now. */
  readonly snapshotOf: (userId: string, projectId: string, signal: AbortSignal) => Promise<string>
}

/** Assignments, for the teachers whose they are. */
export const assignmentRoutes: FastifyPluginAsyncTypebox<AssignmentRoutesOptions> = async (app, { assignments, snapshotOf }) => {
  const schema = <More extends object>(operationId: string, summary: string, more: More) => ({ operationId, summary, tags: ['assignments'], ...more })
  const note = (request: FastifyRequest, action: string, subject: string): void =>
    app.audit({ ...traceOf(request), action, userId: request.owner, subject })
  const linkOf = (request: FastifyRequest, token: string): string => `${originOf(request)}/assignment#${token}`

  app.addHook('onRequest', app.requireTeacher)

  app.post('/assignments', {
    config: { needsSpace: true },
    schema: schema('createAssignment', 'Make an assignment of a project of yours, or of a snapshot; for teachers', { body: CreateAssignmentSchema, response: { 201: NewAssignmentSchema } })
  }, async (request, reply) => {
    const { project, snapshot } = request.body
    if ((project === undefined) === (snapshot === undefined)) throw new errors.BAD_REQUEST('An assignment is made of a "project" or of a "snapshot": say which one')
    const { row, token } = await assignments.create(request.owner, request.body, snapshot ?? await snapshotOf(request.owner, project ?? '', abortOnDisconnect(reply)))
    note(request, 'assignment.create', row.id)
    return await reply.code(201).send({ assignment: presentAssignment(row), link: linkOf(request, token) })
  })

  app.get('/assignments', {
    schema: schema('listAssignments', 'Your assignments, the newest first; for teachers', { querystring: Type.Object(pageQuery, closed), response: { 200: AssignmentsSchema } })
  }, async (request) => {
    const { rows, nextCursor } = await assignments.list(request.owner, request.query)
    return { assignments: rows.map(presentAssignment), nextCursor }
  })

  app.get('/assignments/:id', {
    schema: schema('getAssignment', 'An assignment of yours', { params: IdParams, response: { 200: AssignmentAnswerSchema } })
  }, async (request) => ({ assignment: presentAssignment(await assignments.get(request.owner, request.params.id)) }))

  app.patch('/assignments/:id', {
    schema: schema('changeAssignment', 'Rename an assignment, change when it is due, or close it: then there are no more copies', { params: IdParams, body: ChangeAssignmentSchema, response: { 200: AssignmentAnswerSchema } })
  }, async (request) => {
    const row = await assignments.change(request.owner, request.params.id, request.body)
    note(request, 'assignment.change', row.id)
    return { assignment: presentAssignment(row) }
  })

  app.delete('/assignments/:id', {
    schema: schema('deleteAssignment', 'Delete an assignment; the copies stay with those whose they are', { params: IdParams, response: { 204: Type.Null() } })
  }, async (request, reply) => {
    await assignments.remove(request.owner, request.params.id)
    note(request, 'assignment.delete', request.params.id)
    return await reply.code(204).send(null)
  })

  app.post('/assignments/:id/link', {
    schema: schema('renewAssignmentLink', 'A new link; the one before is worth nothing from then on', { params: IdParams, response: { 201: LinkSchema } })
  }, async (request, reply) => {
    const token = await assignments.renewLink(request.owner, request.params.id)
    note(request, 'assignment.link', request.params.id)
    return await reply.code(201).send({ link: linkOf(request, token) })
  })

  app.get('/assignments/:id/copies', {
    schema: schema('listCopies', 'Who has a copy, how it stands and when something was last done in it, the newest first. You are an editor of each', { params: IdParams, querystring: Type.Object(pageQuery, closed), response: { 200: CopiesSchema } })
  }, async (request) => {
    const { rows, nextCursor } = await assignments.copies(request.owner, request.params.id, request.query)
    return { copies: rows.map(presentCopy), nextCursor }
  })
}
