import { find, showMessage } from '../../dom.ts'
import { displayName, fileUrl } from '../../../client/files/paths.ts'
import { RequestError, type Request } from '../../../client/files/requests.ts'
import type { DocumentState } from './document.ts'
import { createOpenFiles } from './files.ts'
import { NOT_EDITABLE } from './storage.ts'

export interface EditorPaneOptions {
  readonly page: Document
  readonly projectId: string
  readonly request: Request
  readonly onChanged: (open: string | undefined, unsaved: string[]) => void
  readonly report: (error: unknown) => void
}

export type EditorPane = ReturnType<typeof createEditorPane>

const HINT = 'Choose a file to edit it here.'

const words: Record<DocumentState['name'], string> = {
  unchanged: 'Saved',
  modified: 'Unsaved changes',
  saving: 'Saving…',
  waiting: 'Unsaved: waiting for the connection',
  conflict: 'Unsaved changes',
  gone: 'Not on the disk'
}

/** The file that is open: its name, how it is, its text, or where to get it. */
export function createEditorPane ({ page, projectId, request, onChanged, report }: EditorPaneOptions) {
  const head = find(page, '#file-head', HTMLElement)
  const name = find(page, '#file-name', HTMLElement)
  const state = find(page, '#file-state', HTMLElement)
  const save = find(page, '#save', HTMLButtonElement)
  const download = find(page, '#download', HTMLAnchorElement)
  const conflict = find(page, '#conflict', HTMLElement)
  const conflictText = find(page, '#conflict-text', HTMLElement)
  const takeTheirs = find(page, '#take-theirs', HTMLButtonElement)
  const keepMine = find(page, '#keep-mine', HTMLButtonElement)
  const frame = find(page, '#editor', HTMLElement)
  const placeholder = find(page, '#placeholder', HTMLElement)
  const files = createOpenFiles({ request, onChanged: update, report })
  /** A file that is no text, and why it is not shown. */
  let refused: { path: string, reason: string } | undefined

  function showHead (path: string | undefined): void {
    head.hidden = path === undefined
    name.textContent = displayName(path ?? '')
    const url = path === undefined ? undefined : fileUrl(projectId, path)
    download.hidden = url === undefined
    download.href = url === undefined ? '' : `${url}?download=true`
  }

  function showState (value: DocumentState['name'] | undefined): void {
    state.textContent = value === undefined ? '' : words[value]
    save.hidden = value === undefined
    save.disabled = value === 'unchanged' || value === 'saving' || value === 'conflict'
    takeTheirs.hidden = keepMine.hidden = value !== 'conflict'
    conflict.hidden = value !== 'conflict' && value !== 'gone'
    // Only when it changes: it is read aloud each time.
    const text = value === 'gone'
      ? 'This file is no longer on the disk. Saving makes it again.'
      : 'This file was changed on the disk, and you have changed it here.'
    if (conflictText.textContent !== text) conflictText.textContent = text
  }

  const openPath = (): string | undefined => files.shown?.path ?? refused?.path

  function show (): void {
    const { shown } = files
    showHead(openPath())
    showState(shown?.state.name)
    showMessage(placeholder, shown === undefined ? refused?.reason ?? HINT : undefined)
    const editors = shown === undefined ? [] : [shown.editor.element]
    if (frame.firstChild !== (editors[0] ?? null)) frame.replaceChildren(...editors)
  }

  function update (): void {
    show()
    onChanged(openPath(), files.unsaved())
  }

  function saveShown (): void {
    files.shown?.document.save().catch(report)
  }

  async function open (path: string): Promise<void> {
    refused = undefined
    try {
      const file = await files.open(path)
      file?.editor.focus()
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== NOT_EDITABLE) throw error
      refused = { path, reason: `${error.message} Download it instead.` }
      files.leave()
    }
  }

  save.addEventListener('click', saveShown)
  takeTheirs.addEventListener('click', () => {
    files.shown?.document.takeTheirs()
    files.shown?.editor.focus()
  })
  keepMine.addEventListener('click', () => {
    files.shown?.document.keepMine().catch(report)
    files.shown?.editor.focus()
  })
  page.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
    event.preventDefault()
    saveShown()
  })
  show()

  return {
    open,
    heed: files.heed,
    rename: (from: string, to: string): () => void => {
      refused = undefined
      return files.rename(from, to)
    },
    checkAll: files.checkAll,
    unsaved: files.unsaved,
    discard: (directory: string): void => {
      refused = undefined
      files.discard(directory)
    }
  }
}
