import type { ProjectOf } from '../../core/access.ts'
import type { FileService } from '../service.ts'

export interface FileRoutesOptions {
  readonly projectOf: ProjectOf
  readonly files: FileService
}
