import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Readable } from 'node:stream'
import { errors } from '../../../errors.ts'
import { traceOf } from '../../../plugins/audit.ts'
import { contentDisposition } from '../../../http/content-disposition.ts'
import { discardRest } from '../../../http/discard-rest.ts'
import { abortOnDisconnect } from '../../../http/disconnect.ts'
import type { ProjectOf } from '../../core/access.ts'
import { ProjectParamsSchema } from '../../core/schemas.ts'
import { describeArchiveFailure } from './errors.ts'
import { DownloadQuerySchema, UploadQuerySchema, UploadResultSchema, type ArchiveFormat } from './schemas.ts'
import type { ArchiveService } from './service.ts'

const tags = ['files']

/** What people and programs call a tar, with gzip or without, and a zip. It is looked at all the same. */
const UPLOAD_TYPES = [
  'application/x-tar', 'application/tar', 'application/gzip', 'application/x-gzip', 'application/tar+gzip', 'application/x-gtar', 'application/x-tgz',
  'application/zip', 'application/x-zip', 'application/x-zip-compressed', 'application/octet-stream'
]
const MEDIA_TYPES: Record<ArchiveFormat, string> = { 'tar.gz': 'application/gzip', zip: 'application/zip' }

export interface ArchiveRoutesOptions {
  readonly projectOf: ProjectOf
  readonly archives: ArchiveService
  readonly hold: (projectId: string) => () => void
}

export const archiveRoutes: FastifyPluginAsyncTypebox<ArchiveRoutesOptions> = async (app, { projectOf, archives, hold }) => {
  // Read as it comes; how much there may be is looked at on the way.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(UPLOAD_TYPES, (_request, payload, done) => done(null, payload))
  app.addContentTypeParser('*', (request, payload, done) => {
    const type = request.headers['content-type'] ?? ''
    if (type === '') done(null, payload)
    else done(new errors.ARCHIVE_TYPE(JSON.stringify(type.slice(0, 100))))
  })

  // The project may end before the first byte of its archive has left.
  app.setErrorHandler(async (error, _request, reply) => {
    void reply.removeHeader('Content-Disposition')
    throw describeArchiveFailure(error)
  })

  app.get('/projects/:id/archive', {
    config: { access: 'view' },
    // A HEAD would read the whole project.
    exposeHeadRoute: false,
    schema: { operationId: 'downloadArchive', summary: 'All files of a project in one archive', tags, params: ProjectParamsSchema, querystring: DownloadQuerySchema }
  }, async (request, reply) => {
    const { id, name } = await projectOf(request)
    const { format = 'tar.gz', exclude = [] } = request.query
    const release = hold(id)
    const stream = await archives.download(id, { format, exclude }).catch((error: unknown) => {
      release()
      throw error
    })
    stream.once('close', release)
    app.audit({ action: 'project.download', userId: request.owner, subject: id, details: { format }, ...traceOf(request) })
    return await reply.type(MEDIA_TYPES[format]).header('Content-Disposition', contentDisposition('attachment', `${name}.${format}`)).send(stream)
  })

  app.put('/projects/:id/archive', {
    config: { access: 'edit', needsSpace: true },
    schema: { operationId: 'uploadArchive', summary: 'Put the files of a tar, tar.gz or zip into a project, all or none', tags, params: ProjectParamsSchema, querystring: UploadQuerySchema, response: { 200: UploadResultSchema } },
    onError: async (request) => discardRest(request.raw)
  }, async (request, reply) => {
    const { id } = await projectOf(request)
    const { replace = false } = request.query
    const signal = abortOnDisconnect(reply)
    const release = hold(id)
    const upload = { owner: request.owner, body: (request.body ?? request.raw) as Readable, length: announcedLength(request.headers['content-length']), replace }
    const result = await archives.upload(id, upload, signal).finally(release)
    app.audit({ action: 'project.upload', userId: request.owner, subject: id, details: { replace, members: result.members }, ...traceOf(request) })
    return result
  })
}

/** Undefined for a body that comes in chunks. */
function announcedLength (header: string | undefined): number | undefined {
  const length = Number(header ?? NaN)
  return Number.isSafeInteger(length) ? length : undefined
}
