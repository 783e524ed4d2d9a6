import type { Editors } from './editors/editors.ts'
import type { Notice } from '../../protocols/files.ts'
import type { TreeStore } from './tree/store.ts'

export interface UpdatesOptions {
  readonly tree: TreeStore
  readonly editors: Editors
  readonly report: (error: unknown) => void
}

/** Keeps what is shown as the project is. */
export function createUpdates ({ tree, editors, report }: UpdatesOptions) {
  /** After everything that may have happened unheard. */
  const catchUp = (): void => {
    tree.refresh().catch(report)
    editors.checkAll()
  }

  const heed = (notice: Notice): void => {
    switch (notice.type) {
      case 'watching':
      case 'overflow': return catchUp()
      case 'change':
        tree.heed(notice)
        return editors.heed(notice)
      case 'error':
        // One without a path is why the connection ends, and is said then.
        if (notice.path === undefined) return
        report(new Error(notice.message))
        // Without its changes, the project can be seen all the same.
        return catchUp()
      case 'connected':
      case 'unwatched':
      case 'progress':
    }
  }

  return { catchUp, heed }
}
