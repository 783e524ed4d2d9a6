import { find } from '../../dom.ts'
import type { TreePane } from '../tree/pane.ts'
import { chosenFiles, droppedFiles, type Upload } from './dropped.ts'

export interface UploadPanelOptions {
  readonly page: Document
  readonly tree: TreePane
  readonly send: (directory: string, uploads: readonly Upload[]) => Promise<string[]>
  readonly attempt: (action: () => Promise<void>) => void
}

/** Files come by the button, or are dropped on the tree: on a directory, beside a file, or at the top. */
export function createUploadPanel ({ page, tree, send, attempt }: UploadPanelOptions): void {
  const input = find(page, '#upload-files', HTMLInputElement)
  const target = find(page, '#drop', HTMLElement)

  async function upload (directory: string, uploads: Promise<Upload[]>): Promise<void> {
    const [first, ...others] = await send(directory, await uploads)
    if (first === undefined) return
    await tree.reload(first, ...others)
    await tree.reveal(first)
  }

  find(page, '#upload', HTMLButtonElement).addEventListener('click', () => input.click())
  input.addEventListener('change', () => {
    const uploads = chosenFiles(input.files ?? [])
    // The same file chosen again is a change, too.
    input.value = ''
    attempt(async () => await upload(tree.directoryAt(tree.current), Promise.resolve(uploads)))
  })

  const setOver = (isOver: boolean): void => { target.classList.toggle('over', isOver) }
  target.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') !== true) return
    event.preventDefault()
    setOver(true)
  })
  target.addEventListener('dragleave', () => setOver(false))
  target.addEventListener('drop', (event) => {
    event.preventDefault()
    setOver(false)
    if (event.dataTransfer === null) return
    const uploads = droppedFiles(event.dataTransfer)
    const directory = tree.directoryAt(event.target)
    attempt(async () => await upload(directory, uploads))
  })
}
