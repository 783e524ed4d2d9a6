import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { traceOf } from '../../plugins/audit.ts'
import type { ProjectOf } from '../core/access.ts'
import { ProjectParamsSchema } from '../core/schemas.ts'
import { EnvironmentAnswerSchema, EnvironmentBodySchema, SecretsAnswerSchema, VariableBodySchema, VariableParamsSchema } from './schemas.ts'
import type { VariableService } from './service.ts'

export interface VariableRoutesOptions {
  readonly projectOf: ProjectOf
  readonly variables: VariableService
}

export const variableRoutes: FastifyPluginAsyncTypebox<VariableRoutesOptions> = async (app, { projectOf, variables }) => {
  const schema = <More extends object>(operationId: string, summary: string, more: More) => ({ operationId, summary, tags: ['projects'], ...more })
  // Whoever may run something in the project can read them there all the same.
  const config = { access: 'own' } as const
  const named = { params: VariableParamsSchema, response: { 204: Type.Null() } }

  function note (request: FastifyRequest, action: string, subject: string, name: string): void {
    app.audit({ ...traceOf(request), action, userId: request.owner, subject, details: { name } })
  }

  app.get('/projects/:id/env', {
    config,
    schema: schema('getEnvironment', 'What the project\'s shells and commands have in their environment', { params: ProjectParamsSchema, response: { 200: EnvironmentAnswerSchema } })
  }, async (request) => {
    const { id } = await projectOf(request)
    return { env: await variables.env(id) }
  })

  app.put('/projects/:id/env', {
    config,
    schema: schema('setEnvironment', 'Set several variables; those that are not named stay', { params: ProjectParamsSchema, body: EnvironmentBodySchema, response: { 200: EnvironmentAnswerSchema } })
  }, async (request) => {
    const { id } = await projectOf(request)
    await variables.set(id, request.body.env, false)
    return { env: await variables.env(id) }
  })

  app.get('/projects/:id/secrets', {
    config,
    schema: schema('listSecrets', 'The names of the project\'s secrets; their values never come back', { params: ProjectParamsSchema, response: { 200: SecretsAnswerSchema } })
  }, async (request) => {
    const { id } = await projectOf(request)
    return { secrets: (await variables.secrets(id)).map(({ name, updatedAt }) => ({ name, updatedAt: updatedAt.toISOString() })) }
  })

  for (const { path, what, isSecret } of [{ path: 'env', what: 'Variable', isSecret: false }, { path: 'secrets', what: 'Secret', isSecret: true }]) {
    app.put(`/projects/:id/${path}/:name`, {
      config,
      schema: schema(`set${what}`, `Set a ${what.toLowerCase()}, for shells and commands that are started from then on`, { ...named, body: VariableBodySchema })
    }, async (request, reply) => {
      const { params: { name }, body: { value } } = request
      const { id } = await projectOf(request)
      await variables.set(id, { [name]: value }, isSecret)
      note(request, `${what.toLowerCase()}.set`, id, name)
      return await reply.code(204).send(null)
    })

    app.delete(`/projects/:id/${path}/:name`, {
      config,
      schema: schema(`delete${what}`, `Delete a ${what.toLowerCase()}`, named)
    }, async (request, reply) => {
      const { name } = request.params
      const { id } = await projectOf(request)
      await variables.remove(id, name, isSecret)
      note(request, `${what.toLowerCase()}.delete`, id, name)
      return await reply.code(204).send(null)
    })
  }
}
