import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { errors } from '../../../errors.ts'
import { traceOf } from '../../../plugins/audit.ts'
import { writeCondition } from '../conditions.ts'
import { pathOfUrl } from '../../core/paths.ts'
import { DownloadQuerySchema, FileParamsSchema } from '../schemas.ts'
import type { FileRoutesOptions } from './options.ts'
import { describeFile, sendFile } from './send-file.ts'

const url = '/projects/:id/files/*'
const tags = ['files']
// Null would be the word "null" under any status but 204.
const NoBody = Type.Unsafe<undefined>({ description: 'no body' })

/** Files' content: raw bytes both ways, streamed. */
export const contentRoutes: FastifyPluginAsyncTypebox<FileRoutesOptions> = async (app, { projectOf, files }) => {
  // Whatever it says that it is, it is bytes, and none of them are read before somebody wants them.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, body, done) => done(null, body))

  app.setErrorHandler(async (error, _request, reply) => {
    const { etag } = error as { etag?: string }
    if (etag !== undefined) void reply.header('ETag', etag)
    throw error
  })

  app.get(url, {
    config: { access: 'view' },
    exposeHeadRoute: false,
    schema: { operationId: 'readFile', summary: 'A file\'s bytes; Range and the If-… headers are heeded', tags, params: FileParamsSchema, querystring: DownloadQuerySchema, produces: ['application/octet-stream'] }
  }, async (request, reply) => {
    const project = await projectOf(request)
    return await sendFile(files, { project, path: pathOfUrl(request.originalUrl), headers: request.headers, isDownload: request.query.download ?? false }, reply)
  })

  app.head(url, {
    config: { access: 'view' },
    schema: { operationId: 'describeFile', summary: 'The headers that GET would answer with', tags, params: FileParamsSchema, querystring: DownloadQuerySchema }
  }, async (request, reply) => {
    const project = await projectOf(request)
    return await describeFile(files, { project, path: pathOfUrl(request.originalUrl), headers: request.headers, isDownload: request.query.download ?? false }, reply)
  })

  app.put(url, {
    schema: {
      operationId: 'writeFile',
      summary: 'Write a file: it is there whole, or what was there before. Parents are made',
      tags,
      params: FileParamsSchema,
      consumes: ['application/octet-stream'],
      response: { 201: NoBody, 204: NoBody }
    },
    config: { access: 'edit', isUpload: true }
  }, async (request, reply) => {
    refuseTransformed(request)
    const project = await projectOf(request)
    const source = request.body as IncomingMessage | undefined ?? Buffer.alloc(0)
    const { entry, created } = await files.write(project, pathOfUrl(request.originalUrl), { source, length: lengthOf(request), condition: writeCondition(request.headers) })
    return await reply.code(created ? 201 : 204).header('ETag', entry.etag).send()
  })

  app.delete(url, {
    config: { access: 'edit' },
    schema: { operationId: 'deleteFile', summary: 'Delete a file, or a directory with all that it holds', tags, params: FileParamsSchema, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const project = await projectOf(request)
    await files.remove(project, pathOfUrl(request.originalUrl), request.headers['if-match'])
    app.audit({ action: 'file.delete', userId: request.owner, subject: project.id, ...traceOf(request) })
    return await reply.code(204).send(null)
  })
}

/** A part of a file, or one that is compressed on its way, would be taken for the whole file as it is. */
function refuseTransformed ({ headers }: FastifyRequest): void {
  if (headers['content-range'] !== undefined) throw new errors.BAD_REQUEST('A file is written whole: send no Content-Range')
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw new errors.BAD_REQUEST('A file is written as it comes: send no Content-Encoding')
}

function lengthOf ({ headers }: FastifyRequest): number | undefined {
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}
