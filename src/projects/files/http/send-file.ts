import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import { errors } from '../../../errors.ts'
import { contentDisposition } from '../../../http/content-disposition.ts'
import { etagOf } from '../../../sandbox/agent-client/etag.ts'
import type { FileReading } from '../../../sandbox/agent-client/read-file.ts'
import type { FileEntry } from '../../../sandbox/agent-protocol.ts'
import { parseRange, type RequestedRange } from '../byte-range.ts'
import { evaluateRead, isRangeCurrent } from '../conditions.ts'
import { contentTypeOf, isShown } from '../content-type.ts'
import { describeFailure } from '../../workspace/failures.ts'
import { mtimeOf } from '../present.ts'
import type { ProjectRef } from '../../workspace/workspace.ts'
import type { FileService } from '../service.ts'
import { preconditionFailed } from '../writing.ts'
import { exactly } from './exactly.ts'

export interface FileRequest {
  readonly project: ProjectRef
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly isDownload: boolean
}

/** Answers with what the conditions and the range ask for. */
export async function sendFile (files: FileService, request: FileRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { project, path, headers } = request
  const isPlain = !['if-match', 'if-none-match', 'if-modified-since', 'range'].some((name) => name in headers)
  if (isPlain) return await sendBytes(await files.open(project, path), { kind: 'whole' }, request, reply)
  const entry = await files.stat(project, path, { follow: true })
  const range = decide(entry, request, reply)
  if (range === undefined) return await reply.send()
  const reading = await files.open(project, path, range.kind === 'part' ? range : {})
  if (etagOf(reading.entry) === etagOf(entry)) return await sendBytes(reading, range, request, reply)
  // It has changed since: a range and conditions were about another content, the whole of this one is always right.
  reading.bytes.destroy()
  return await sendBytes(await files.open(project, path), { kind: 'whole' }, request, reply)
}

export async function describeFile (files: FileService, request: FileRequest, reply: FastifyReply): Promise<FastifyReply> {
  const entry = await files.stat(request.project, request.path, { follow: true })
  if (entry.type !== 'file') throw new errors.NOT_A_FILE(JSON.stringify(request.path))
  const range = decide(entry, request, reply)
  if (range !== undefined) describe(entry, range, request, reply)
  return await reply.send()
}

/** Undefined when the answer is 304, and complete. */
function decide (entry: FileEntry, { headers }: FileRequest, reply: FastifyReply): RequestedRange | undefined {
  const verdict = evaluateRead(headers, entry)
  if (verdict === 'failed') throw preconditionFailed(entry.path, entry)
  if (verdict === 'not modified') {
    describeVersion(entry, reply)
    void reply.code(304)
    return undefined
  }
  const range = isRangeCurrent(headers['if-range'] as string | undefined, entry) ? parseRange(headers.range, entry.size) : { kind: 'whole' } as const
  if (range.kind !== 'unsatisfiable') return range
  void reply.header('Content-Range', `bytes */${entry.size}`)
  throw new errors.RANGE_NOT_SATISFIABLE(entry.size)
}

async function sendBytes ({ entry, bytes }: FileReading, range: RequestedRange, request: FileRequest, reply: FastifyReply): Promise<FastifyReply> {
  const length = describe(entry, range, request, reply)
  return await reply.send(exactly(bytes, length, (error) => {
    withdrawDescription(reply)
    return describeFailure(error, { path: request.path }) as Error
  }))
}

/** Sets everything but the bytes, and returns how many those are. */
function describe (entry: FileEntry, range: RequestedRange, { path, isDownload }: FileRequest, reply: FastifyReply): number {
  describeVersion(entry, reply)
  const length = range.kind === 'part' ? range.length : entry.size
  const type = contentTypeOf(path)
  if (range.kind === 'part') void reply.code(206).header('Content-Range', `bytes ${range.offset}-${range.offset + length - 1}/${entry.size}`)
  void reply.headers({
    'Content-Type': type,
    'Content-Length': length,
    'Content-Disposition': contentDisposition(isDownload || !isShown(type) ? 'attachment' : 'inline', path.split('/').at(-1) ?? '')
  })
  return length
}

function describeVersion (entry: FileEntry, reply: FastifyReply): void {
  void reply.headers({
    ETag: etagOf(entry),
    'Last-Modified': mtimeOf(entry).toUTCString(),
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-cache'
  })
}

/** What was said of a file whose first byte never came is not true of the error that is sent instead. */
function withdrawDescription (reply: FastifyReply): void {
  for (const name of ['ETag', 'Last-Modified', 'Accept-Ranges', 'Content-Range', 'Content-Disposition']) void reply.removeHeader(name)
}
