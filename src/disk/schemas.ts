import Type, { type Static } from 'typebox'
import { closed } from '../lib/schemas.ts'

const Bytes = Type.Union([Type.Integer(), Type.Null()], { description: 'bytes; null while the Engine does not tell' })

export const DiskSchema = Type.Object({
  enforcement: Type.Union([Type.Enum(['quota', 'guard']), Type.Null()], {
    description: 'what bounds a project\'s files while its programs write: quota is the file system itself, guard measures those that write and stops what is too large'
  }),
  total: Bytes,
  free: Bytes,
  reserve: Bytes,
  data: Type.Union([Type.Object({ total: Type.Integer(), free: Type.Integer(), reserve: Type.Integer() }, closed), Type.Null()], { description: 'of the file system of DATA_DIR' })
}, { ...closed, description: 'of the file system of projects\' files; with less than `reserve` free, starts, uploads, clones, forks, restores and builds are refused with DISK_FULL' })
export type DiskReport = Static<typeof DiskSchema>
