import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { closed, Nullable } from '../../../lib/schemas.ts'
import type { Template } from './load.ts'

const TemplatesSchema = Type.Object({
  templates: Type.Array(Type.Object({
    id: Type.String(),
    name: Type.String(),
    description: Type.String(),
    runtime: Type.String(),
    preview: Nullable(Type.Integer({ description: 'port on which it serves when it is run' })),
    needs: Nullable(Type.String({ description: 'what its first run gets from the internet: npm or python-packages' })),
    files: Type.Array(Type.String())
  }, closed))
}, closed)

export const templateRoutes: FastifyPluginAsyncTypebox<{ readonly templates: readonly Template[] }> = async (app, { templates }) => {
  app.get('/api/templates', {
    schema: { operationId: 'listTemplates', summary: 'What a project can begin with', tags: ['catalogue'], response: { 200: TemplatesSchema } }
  }, async () => ({
    templates: templates.map(({ id, name, description, runtime, preview, needs, files }) => ({ id, name, description, runtime, preview: preview ?? null, needs: needs ?? null, files: files.map(({ path }) => path).sort() }))
  }))
}
