import { find } from '../dom.ts'
import type { EditorPane } from './editor/pane.ts'
import type { AskPath, Confirm } from './panels/dialogs.ts'
import { displayName, join, ROOT } from '../../client/files/paths.ts'
import { RequestError, type Request } from '../../client/files/requests.ts'
import type { TreePane } from './tree/pane.ts'

export interface ActionsOptions {
  readonly page: Document
  readonly tree: TreePane
  readonly editor: EditorPane
  readonly request: Request
  readonly ask: AskPath
  readonly confirm: Confirm
  /** Does something, and shows what went wrong with it. */
  readonly attempt: (action: () => Promise<void>) => void
}

/** What is done with names: new, rename, delete. */
export function createActions ({ page, tree, editor, request, ask, confirm, attempt }: ActionsOptions) {
  /** A new name begins in the directory that is selected. */
  function newPath (): string {
    const directory = tree.directoryAt(tree.current)
    return directory === ROOT ? '' : join(directory, '')
  }

  async function newFile (): Promise<void> {
    const path = await ask({ title: 'New file', value: newPath(), action: 'Create' })
    if (path === undefined) return
    await request('write', { path, content: '', ifNoneMatch: '*' }).catch((error: unknown) => { throw sayExists(error, path) })
    await tree.reveal(path)
    await editor.open(path)
  }

  async function newFolder (): Promise<void> {
    const path = await ask({ title: 'New folder', value: newPath(), action: 'Create' })
    if (path === undefined) return
    await request('mkdir', { path })
    await tree.reveal(path)
  }

  async function rename (path: string): Promise<void> {
    const to = await ask({ title: `Rename or move “${displayName(path)}”`, value: path, action: 'Rename' })
    if (to === undefined || to === path) return
    // First here: when the server tells of it, the open file goes by its new name already.
    const takeBack = editor.rename(path, to)
    try {
      await request('move', { path, to })
    } catch (error) {
      takeBack()
      throw sayExists(error, to)
    }
    await tree.reload(path)
    await tree.reveal(to)
  }

  async function remove (path: string): Promise<void> {
    const text = tree.isDirectory(path) ? 'The folder and all that is in it go for good.' : 'It goes for good.'
    if (!await confirm({ title: `Delete “${displayName(path)}”?`, text, action: 'Delete' })) return
    await request('delete', { path })
    editor.discard(path)
    await tree.reload(path)
  }

  function onClick (selector: string, action: () => Promise<void>): void {
    find(page, selector, HTMLButtonElement).addEventListener('click', () => attempt(action))
  }

  onClick('#new-file', newFile)
  onClick('#new-folder', newFolder)
  onClick('#rename', async () => { if (tree.current !== undefined) await rename(tree.current) })
  onClick('#delete', async () => { if (tree.current !== undefined) await remove(tree.current) })

  const buttons = ['#rename', '#delete'].map((selector) => find(page, selector, HTMLButtonElement))

  return {
    /** Whether there is something to rename and to delete. */
    enable: (isSelected: boolean): void => buttons.forEach((button) => { button.disabled = !isSelected }),
    rename: (path: string): void => attempt(async () => await rename(path)),
    remove: (path: string): void => attempt(async () => await remove(path))
  }
}

function sayExists (error: unknown, path: string): unknown {
  if (!(error instanceof RequestError) || !['PRECONDITION_FAILED', 'FILE_EXISTS'].includes(error.code)) return error
  return new RequestError(error.code, `There is a “${displayName(path)}” already.`)
}
