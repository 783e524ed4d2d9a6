import Type, { type Static } from 'typebox'
import { closed, Nullable } from '../../lib/schemas.ts'

export const FileParamsSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }), '*': Type.String({ description: 'path in the project, percent-encoded; a name that is not UTF-8 byte by byte' }) })

export const EntrySchema = Type.Object({
  path: Type.String({ description: 'relative to the project\'s directory; bytes that are not UTF-8 are U+DC80 to U+DCFF' }),
  type: Type.Enum(['file', 'directory', 'symlink', 'other'], { description: 'other: a FIFO, a socket or a device' }),
  size: Type.Integer(),
  mtime: Type.String({ format: 'date-time' }),
  mode: Type.Integer({ description: 'permission bits' }),
  target: Type.Optional(Type.String({ description: 'what a symlink says' })),
  etag: Type.String()
}, closed)

export const PathSchema = Type.String({ maxLength: 4096, description: 'relative to the project\'s directory' })
export const ExcludeSchema = Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 32, description: 'names of directories whose content is left out' })

export const ListQuerySchema = Type.Object({
  path: Type.Optional(Type.String({ maxLength: 4096, default: '/', description: 'a directory; "/" is the project\'s own' })),
  depth: Type.Optional(Type.Integer({ minimum: 1, maximum: 40, default: 1 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 8_192 })),
  exclude: Type.Optional(ExcludeSchema)
}, closed)
export type ListQuery = Static<typeof ListQuerySchema>

export const ListingSchema = Type.Object({
  entries: Type.Array(EntrySchema),
  truncated: Type.Boolean({ description: 'there is more, also where a directory could not be read' }),
  nextCursor: Nullable(Type.String())
}, closed)
export type Listing = Static<typeof ListingSchema>

export const FileOperationSchema = Type.Union([
  Type.Object({ op: Type.Literal('mkdir'), path: PathSchema }, closed),
  Type.Object({ op: Type.Enum(['move', 'copy']), path: PathSchema, to: PathSchema, overwrite: Type.Optional(Type.Boolean({ default: false })) }, closed)
])

export const FindQuerySchema = Type.Object({
  path: Type.Optional(Type.String({ maxLength: 4096, default: '/', description: 'the directory to look in' })),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000, description: 'a glob, such as `*.ts`; with a slash in it, on the path, where `**` is any number of directories' })),
  text: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000, description: 'in the content, within a line' })),
  ignoreCase: Type.Optional(Type.Boolean({ default: false, description: 'of ASCII letters' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 })),
  exclude: Type.Optional(ExcludeSchema)
}, closed)
export type FindQuery = Static<typeof FindQuerySchema>

const MatchSchema = Type.Object({
  path: Type.String(),
  type: EntrySchema.properties.type,
  line: Nullable(Type.Integer({ description: 'from 1; null where it is the name that matched' })),
  column: Nullable(Type.Integer({ description: 'from 1, in bytes' })),
  text: Nullable(Type.String({ description: 'the line, at most 512 bytes of it' }))
}, closed)
export type Match = Static<typeof MatchSchema>

export const MatchesSchema = Type.Object({
  matches: Type.Array(MatchSchema),
  truncated: Type.Boolean()
}, closed)
export type Matches = Static<typeof MatchesSchema>

export const DownloadQuerySchema = Type.Object({
  download: Type.Optional(Type.Boolean({ default: false, description: 'for a browser: save it rather than show it' }))
}, closed)
