import { signal } from '@preact/signals'
import { displayName } from '../../../client/files/paths.ts'
import type { Workbench } from '../workbench.ts'
import { chosenFiles, droppedFiles, type Upload } from './dropped.ts'
import { createSender, type Progress } from './send.ts'

/** Files come by buttons, or are dropped on the tree: on a directory, beside a file, or at the top. */
export function createUploads ({ id, request, tree, attempt, console: { confirmations }, texts: { tree: texts } }: Workbench) {
  const progress = signal<Progress | undefined>(undefined)
  let current: AbortController | undefined

  const send = createSender({
    projectId: id,
    request,
    mayReplace: async (path) => await confirmations.ask({ title: texts.replaceOf(displayName(path)), text: texts.replaceText, action: texts.replace }),
    onProgress: (next) => { progress.value = next },
    words: { badName: texts.badName, failed: texts.notSent }
  })

  async function upload (directory: string, uploads: readonly Upload[]): Promise<void> {
    current = new AbortController()
    const [first, ...others] = await send(directory, uploads, current.signal)
    if (first === undefined) return
    await tree.reload(first, ...others)
    await tree.reveal(first)
  }

  return {
    progress,
    stop: (): void => current?.abort(),
    send (directory: string, files: ArrayLike<File>): void {
      const uploads = chosenFiles(files)
      attempt(async () => await upload(directory, uploads))
    },
    drop (directory: string, transfer: DataTransfer): void {
      const uploads = droppedFiles(transfer)
      attempt(async () => await upload(directory, await uploads))
    }
  }
}
