import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { traceOf } from '../../plugins/audit.ts'
import type { ProjectOf } from './access.ts'
import { CreateProjectSchema, ListProjectsSchema, ProjectListSchema, ProjectParamsSchema, ProjectSchema, UpdateProjectSchema } from './schemas.ts'
import type { ProjectService } from './service.ts'

const tags = ['projects']

export interface ProjectRoutesOptions {
  readonly projects: ProjectService
  readonly projectOf: ProjectOf
  readonly remove: (owner: string, id: string) => Promise<void>
  /** Who may look at what the project serves has changed. */
  readonly audienceChanged: (projectId: string) => Promise<void>
  /** Gets, in the background, the repository that a new project is from. */
  readonly clone: (projectId: string) => void
  readonly bodyLimit: number
}

export const projectRoutes: FastifyPluginAsyncTypebox<ProjectRoutesOptions> = async (app, { projects, projectOf, remove, audienceChanged, clone, bodyLimit }) => {
  app.post('/projects', {
    bodyLimit,
    config: { needsSpace: true },
    schema: { operationId: 'createProject', summary: 'Make a project', tags, body: CreateProjectSchema, response: { 201: ProjectSchema } }
  }, async (request, reply) => {
    const project = await projects.create(request.owner, request.body)
    app.audit({ action: 'project.create', userId: request.owner, subject: project.id, details: { runtime: project.runtime }, ...traceOf(request) })
    if (project.source !== null) clone(project.id)
    void reply.code(201)
    return project
  })

  app.get('/projects', {
    schema: { operationId: 'listProjects', summary: 'Your projects, and those that others share with you; the newest first', tags, querystring: ListProjectsSchema, response: { 200: ProjectListSchema } }
  }, async (request) => await projects.list(request.owner, request.query))

  app.get('/projects/:id', {
    config: { access: 'view' },
    schema: { operationId: 'getProject', summary: 'A project', tags, params: ProjectParamsSchema, response: { 200: ProjectSchema } }
  }, async (request) => await projects.show(await projectOf(request)))

  app.patch('/projects/:id', {
    config: { access: 'own' },
    schema: { operationId: 'updateProject', summary: 'Rename a project, share what it serves, or change what it may reach', tags, params: ProjectParamsSchema, body: UpdateProjectSchema, response: { 200: ProjectSchema } }
  }, async (request) => {
    const project = await projects.update(await projectOf(request), request.body)
    if (request.body.previews !== undefined) await audienceChanged(project.id)
    return project
  })

  app.delete('/projects/:id', {
    config: { access: 'own' },
    schema: { operationId: 'deleteProject', summary: 'Delete a project with its files', tags, params: ProjectParamsSchema, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id } = await projectOf(request)
    await remove(request.owner, id)
    app.audit({ action: 'project.delete', userId: request.owner, subject: id, ...traceOf(request) })
    return await reply.code(204).send(null)
  })
}
