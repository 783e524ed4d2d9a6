import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import type { Limit } from '../../lib/limit.ts'
import { contentDisposition } from '../../http/content-disposition.ts'
import { traceOf } from '../../plugins/audit.ts'
import { exportOf, type Section } from './repo.ts'

/** Each may be a hundred thousand rows. */
const EXPORTS: Limit = { max: 10, windowMs: 3_600_000 }

const Rows = Type.Array(Type.Object({}))
// It is sent as it is written.
const ExportSchema = Type.Unsafe<Readable>(Type.Object({ user: Type.Object({}), identities: Rows, keys: Rows, sshKeys: Rows, sessions: Rows, projects: Rows, memberships: Rows, assignments: Rows, snapshots: Rows, runs: Rows, audit: Rows }))

/** What the server keeps of whoever asks. */
export const exportRoutes: FastifyPluginAsyncTypebox<{ isLimited: boolean }> = async (app, { isLimited }) => {
  app.get('/auth/me/export', {
    onRequest: app.createLimiter('export', isLimited && EXPORTS, ({ owner }) => owner),
    schema: {
      operationId: 'exportMe',
      summary: 'All that is kept of you, as one JSON file, without secrets; the output of runs is at /api/sessions/:id/logs, files are at /projects/:id/archive',
      tags: ['auth'],
      response: { 200: ExportSchema }
    }
  }, async (request, reply) => {
    app.audit({ ...traceOf(request), action: 'user.export', userId: request.owner })
    return await reply
      .headers({ 'Content-Type': 'application/json; charset=utf-8', 'Content-Disposition': contentDisposition('attachment', 'berth-account.json'), 'Cache-Control': 'no-store' })
      .send(Readable.from(toJson(exportOf(app.db, request.owner)), { objectMode: false }))
  })
}

/** A row at a time, as fast as it is read. */
async function * toJson (sections: Iterable<Section | Promise<Section>>): AsyncGenerator<string> {
  let separator = '{'
  for (const section of sections) {
    const [name, content] = await section
    yield `${separator}\n${JSON.stringify(name)}: `
    if (Symbol.asyncIterator in content) yield * toArray(content)
    else yield JSON.stringify(content)
    separator = ','
  }
  yield '\n}\n'
}

async function * toArray (rows: AsyncIterable<object>): AsyncGenerator<string> {
  let separator = '['
  for await (const row of rows) {
    yield `${separator}\n${JSON.stringify(row)}`
    separator = ','
  }
  yield separator === '[' ? '[]' : '\n]'
}
