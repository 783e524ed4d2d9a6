import type { FoundProject } from '../../core/repo.ts'
import type { FileService } from '../service.ts'

export interface FileRoutesOptions {
  /** Throws PROJECT_NOT_FOUND also for another user's. */
  readonly find: (owner: string, id: string) => Promise<FoundProject>
  readonly files: FileService
}
