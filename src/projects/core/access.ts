import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FoundProject } from './repo.ts'
import type { RoleWatch } from './role-watch.ts'
import type { Access } from './roles.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a route about a project does with it, for which its caller's role must be good enough. */
    access?: Access
  }
  interface FastifyRequest {
    /** What the request is about, and its caller may do that with. */
    project: FoundProject | null
  }
}

/** The project that a request is about. Throws for whoever may not do with it what the route does. */
export type ProjectOf = (request: FastifyRequest) => Promise<FoundProject>

const ABOUT_PROJECT = /^\/(?:projects|terminal)\/:/

/**
 * Of every route about a project its caller's role is looked at before anything of the request is; none can be registered
 * without a word on who may use it. Sockets ask by themselves, after the handshake, to close with a code that says why.
 */
export function guardProjects (app: FastifyInstance, find: (userId: string, id: string, access: Access) => Promise<FoundProject>): ProjectOf {
  const projectOf: ProjectOf = async ({ project, owner, params, routeOptions: { url, config: { access } } }) => {
    if (project !== null) return project
    if (access === undefined) throw new Error(`${url ?? 'a route'} says nothing of access`)
    return await find(owner, (params as { id: string }).id, access)
  }

  app.decorateRequest('project', null)
  app.addHook('onRoute', (route) => {
    const { method, url, config, onRequest = [] } = route
    if (!ABOUT_PROJECT.test(url)) return
    if (config?.access === undefined) throw new Error(`${String(method)} ${url} must say in its config what it does with the project: access 'view', 'edit' or 'own'`)
    route.onRequest = [onRequest, async (request: FastifyRequest) => {
      if (!request.ws) request.project = await projectOf(request)
    }].flat()
  })
  return projectOf
}

/** Of an answer that may go on for long: aborted when the caller's role is another one. */
export function abortOnRoleChange (roles: Pick<RoleWatch, 'watch'>, { owner: userId }: FastifyRequest, reply: FastifyReply, { id: projectId, role }: FoundProject): AbortSignal {
  const changed = new AbortController()
  reply.raw.once('close', roles.watch({ userId, projectId, role }, (reason) => changed.abort(reason)))
  return changed.signal
}
