import { createError } from '@fastify/error'
import type { FastifyInstance } from 'fastify'
import { createJsonParser } from '../../../plugins/body.ts'

const NotJsonError = createError('UNSUPPORTED_MEDIA_TYPE', 'requests must be of type application/json', 415)

/** A body without a content type is taken for JSON, as Piston's documents have it; any other type is refused in its words. */
export function acceptUntypedJson (app: FastifyInstance): void {
  const parseJson = createJsonParser(app)
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (request.headers['content-type'] === undefined) void parseJson(request, body, done)
    else done(new NotJsonError())
  })
}
