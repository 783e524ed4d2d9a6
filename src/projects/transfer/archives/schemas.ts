import Type, { type Static } from 'typebox'
import { closed } from '../../../lib/schemas.ts'

const archiveFormats = ['tar.gz', 'zip'] as const
export type ArchiveFormat = typeof archiveFormats[number]

export const DownloadQuerySchema = Type.Object({
  format: Type.Optional(Type.Enum([...archiveFormats], { default: 'tar.gz' })),
  exclude: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 100, description: 'names of files and directories to be left out, such as node_modules' }))
}, closed)

export const UploadQuerySchema = Type.Object({
  replace: Type.Optional(Type.Boolean({ default: false, description: 'whether what is not in the archive goes' }))
}, closed)

export const UploadResultSchema = Type.Object({
  members: Type.Integer({ description: 'files, directories and links of the archive' }),
  size: Type.Integer({ description: 'bytes of its files' })
}, closed)
export type UploadResult = Static<typeof UploadResultSchema>
