import type { EditorPane } from './editor/pane.ts'
import type { Notice } from '../../protocols/files.ts'
import type { TreePane } from './tree/pane.ts'

export interface UpdatesOptions {
  readonly tree: TreePane
  readonly editor: EditorPane
  readonly report: (error: unknown) => void
}

/** Keeps what is shown as the project is. */
export function createUpdates ({ tree, editor, report }: UpdatesOptions) {
  /** After everything that may have happened unheard. */
  const catchUp = (): void => {
    tree.refresh().catch(report)
    editor.checkAll()
  }

  const heed = (notice: Notice): void => {
    switch (notice.type) {
      case 'watching':
      case 'overflow': return catchUp()
      case 'change':
        tree.heed(notice)
        return editor.heed(notice)
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
