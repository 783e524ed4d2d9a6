import { displayName, join, ROOT } from '../../../client/files/paths.ts'
import { RequestError } from '../../../client/files/requests.ts'
import type { Workbench } from '../workbench.ts'
import type { PathQuestion } from './path-dialog.tsx'

/** What is done with names: new, rename, delete. */
export function createTreeActions ({ tree, editors, request, texts: { tree: texts }, console: { confirmations }, openFile, attempt }: Workbench, ask: (question: PathQuestion) => Promise<string | undefined>) {
  /** A new name begins in the directory that is selected. */
  function newPath (): string {
    const directory = tree.directoryOf(tree.selected.peek())
    return directory === ROOT ? '' : join(directory, '')
  }

  function sayExists (error: unknown, path: string): unknown {
    if (!(error instanceof RequestError) || !['PRECONDITION_FAILED', 'FILE_EXISTS'].includes(error.code)) return error
    return new RequestError(error.code, texts.exists(displayName(path)))
  }

  async function move (path: string, to: string): Promise<void> {
    // First here: when the server tells of it, the open file goes by its new name already.
    const takeBack = editors.rename(path, to)
    try {
      await request('move', { path, to })
    } catch (error) {
      takeBack()
      throw sayExists(error, to)
    }
    await tree.reload(path)
    await tree.reveal(to)
  }

  return {
    newFile: (): void => attempt(async () => {
      const path = await ask({ title: texts.newFile, value: newPath(), action: texts.create })
      if (path === undefined) return
      await request('write', { path, content: '', ifNoneMatch: '*' }).catch((error: unknown) => { throw sayExists(error, path) })
      await tree.reveal(path)
      await openFile(path)
    }),

    newFolder: (): void => attempt(async () => {
      const path = await ask({ title: texts.newFolder, value: newPath(), action: texts.create })
      if (path === undefined) return
      await request('mkdir', { path })
      await tree.reveal(path)
    }),

    rename: (path: string): void => attempt(async () => {
      const to = await ask({ title: texts.renameOf(displayName(path)), value: path, action: texts.rename })
      if (to === undefined || to === path) return
      await move(path, to)
      tree.focusCurrent()
    }),

    /** By the mouse, into a directory. */
    moveInto: (path: string, directory: string): void => attempt(async () => await move(path, join(directory, path.slice(path.lastIndexOf('/') + 1)))),

    remove: (path: string): void => attempt(async () => {
      const text = tree.isDirectory(path) ? texts.deleteFolder : texts.deleteFile
      if (!await confirmations.ask({ title: texts.deleteOf(displayName(path)), text, action: texts.delete })) return
      await request('delete', { path })
      editors.discard(path)
      await tree.reload(path)
      tree.focusCurrent()
    })
  }
}
