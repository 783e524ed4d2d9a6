import type { FastifyBodyParser, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { errors } from '../errors.ts'
import { jsonShapeProblem } from '../lib/json-shape.ts'

/**
 * JSON bodies are decoded strictly: Fastify's own parser turns bytes that are not UTF-8 into U+FFFD,
 * so that a program would be run that nobody sent.
 */
export function createJsonParser (app: FastifyInstance): FastifyBodyParser<Buffer> {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  const decoder = new TextDecoder('utf-8', { fatal: true })

  return (request, body, done) => {
    let text: string
    try {
      text = decoder.decode(body)
    } catch {
      done(new errors.BAD_REQUEST('The body is not valid UTF-8. Send binary file contents with "encoding": "base64"'))
      return
    }
    const problem = jsonShapeProblem(text)
    if (problem === undefined) void parseJson(request, text, done)
    else done(new errors.BAD_REQUEST(`The body ${problem}`))
  }
}

export default fp(async (app) => {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, createJsonParser(app))
  app.removeContentTypeParser('text/plain')
}, { name: 'body' })
