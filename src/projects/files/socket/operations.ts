import type { Static, TSchema } from 'typebox'
import { errors } from '../../../errors.ts'
import { createMessageChecker } from '../../../sockets/parse-message.ts'
import { writeCondition } from '../conditions.ts'
import { describeFailure } from '../../workspace/failures.ts'
import { presentEntry } from '../present.ts'
import type { FileService } from '../service.ts'
import { collect, decodeContent, encodeContent } from './content.ts'
import { DeleteSchema, FindSchema, ListSchema, ReadSchema, StatSchema, TransferSchema, WriteSchema } from './schemas.ts'

export interface OperationContext {
  readonly files: FileService
  readonly projectId: string
}

/** A request whose fields are as its operation wants them. */
export interface PlannedOperation {
  /** What it is about, for the order in which requests are performed. */
  readonly paths: readonly string[]
  readonly isWrite: boolean
  /** The fields of the answer. */
  readonly perform: (context: OperationContext) => Promise<object>
}

/** What fits into a message with room for base64. Larger files are read in parts, or over HTTP. */
const MESSAGE_BYTES = 1024 ** 2

interface Paths { readonly path?: string | undefined, readonly to?: string | undefined }

/** Throws BAD_MESSAGE for fields that the operation does not take. */
function operation<Schema extends TSchema> (
  schema: Schema, isWrite: boolean, perform: (context: OperationContext, fields: Static<Schema>) => Promise<object>
): (fields: object) => PlannedOperation {
  const check = createMessageChecker(schema)
  return (given) => {
    const fields = check(given)
    const { path = '', to } = given as Paths
    return { paths: to === undefined ? [path] : [path, to], isWrite, perform: async (context) => await perform(context, fields) }
  }
}

const operations: Readonly<Record<string, (fields: object) => PlannedOperation>> = {
  list: operation(ListSchema, false, async ({ files, projectId }, query) => await files.list(projectId, query)),
  find: operation(FindSchema, false, async ({ files, projectId }, query) => await files.find(projectId, query)),
  stat: operation(StatSchema, false, async ({ files, projectId }, { path }) => ({ entry: presentEntry(await files.stat(projectId, path)) })),
  read: operation(ReadSchema, false, read),
  write: operation(WriteSchema, true, write),
  mkdir: operation(StatSchema, true, async ({ files, projectId }, { path }) => ({ entry: await files.makeDirectory(projectId, path) })),
  move: operation(TransferSchema, true, async ({ files, projectId }, transfer) => ({ entry: await files.move(projectId, transfer) })),
  copy: operation(TransferSchema, true, async ({ files, projectId }, transfer) => ({ entry: await files.copy(projectId, transfer) })),
  delete: operation(DeleteSchema, true, async ({ files, projectId }, { path, ifMatch }) => {
    await files.remove(projectId, path, ifMatch)
    return {}
  })
}

/** Throws BAD_MESSAGE for an operation that there is none of, or other fields than it takes. */
export function planOperation (name: string, fields: object): PlannedOperation {
  const plan = Object.hasOwn(operations, name) ? operations[name] : undefined
  if (plan === undefined) throw new errors.BAD_MESSAGE(`there is no op ${JSON.stringify(name)}, but ${Object.keys(operations).join(', ')}`)
  return plan(fields)
}

async function read ({ files, projectId }: OperationContext, { path, offset = 0, length, encoding }: Static<typeof ReadSchema>): Promise<object> {
  const { entry, bytes } = await files.open(projectId, path, { offset, length: length ?? MESSAGE_BYTES })
  if (length === undefined && entry.size - offset > MESSAGE_BYTES) {
    bytes.destroy()
    throw new errors.TOO_LARGE(`The file has ${entry.size} bytes, a message holds ${MESSAGE_BYTES}: read it in parts by "offset" and "length", or over HTTP`)
  }
  const content = await collect(bytes).catch((error: unknown) => { throw describeFailure(error, { path }) })
  return { entry: presentEntry(entry), ...encodeContent(content, encoding) }
}

async function write ({ files, projectId }: OperationContext, { path, content, encoding, ifMatch, ifNoneMatch }: Static<typeof WriteSchema>): Promise<object> {
  const source = decodeContent(content, encoding)
  const condition = writeCondition({ 'if-match': ifMatch, 'if-none-match': ifNoneMatch })
  return await files.write(projectId, path, { source, length: source.length, condition })
}
