import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { traceOf } from '../../../plugins/audit.ts'
import { ProjectSchema, type Project } from '../../core/schemas.ts'
import type { QuarantinedVolume } from './repo.ts'
import { RestoreVolumeSchema, VolumeListSchema, VolumeParamsSchema, type ShownVolume } from './schemas.ts'
import type { QuarantineService } from './service.ts'

export interface QuarantineRoutesOptions {
  readonly quarantine: QuarantineService
  readonly quarantineMs: number
  readonly show: (userId: string, projectId: string) => Promise<Project>
}

export const quarantineRoutes: FastifyPluginAsyncTypebox<QuarantineRoutesOptions> = async (app, { quarantine, quarantineMs, show }) => {
  const schema = <More extends object>(operationId: string, summary: string, more: More) => ({ operationId, summary, tags: ['projects'], ...more })
  const present = ({ projectId: project, name, firstSeenAt }: QuarantinedVolume): ShownVolume =>
    ({ project, name, since: firstSeenAt.toISOString(), removedAt: new Date(firstSeenAt.getTime() + quarantineMs).toISOString() })

  app.addHook('onRequest', app.requireAdmin)

  app.get('/api/quarantined-volumes', {
    schema: schema('listQuarantinedVolumes', 'Volumes of projects that the database knows nothing of; for administrators', { response: { 200: VolumeListSchema } })
  }, async () => ({ volumes: (await quarantine.list()).map(present), nextCursor: null }))

  app.delete('/api/quarantined-volumes/:project', {
    schema: schema('removeQuarantinedVolume', 'Remove such a volume with all that is in it; for administrators', { params: VolumeParamsSchema, response: { 204: Type.Null() } })
  }, async (request, reply) => {
    const { project } = request.params
    await quarantine.remove(project)
    app.audit({ ...traceOf(request), action: 'volume.remove', userId: request.owner, subject: project })
    return await reply.code(204).send(null)
  })

  app.post('/api/quarantined-volumes/:project/restore', {
    schema: schema('restoreQuarantinedVolume', 'Make such a volume a project again; for administrators', { params: VolumeParamsSchema, body: RestoreVolumeSchema, response: { 201: ProjectSchema } })
  }, async (request, reply) => {
    const { params: { project }, body: { owner = request.owner, ...body } } = request
    await quarantine.restore(project, { ...body, owner })
    app.audit({ ...traceOf(request), action: 'volume.restore', userId: request.owner, subject: project, details: { owner } })
    return await reply.code(201).send(await show(owner, project))
  })
}
