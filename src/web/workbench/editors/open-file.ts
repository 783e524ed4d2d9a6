import { computed, signal } from '@preact/signals'
import type { Request } from '../../../client/files/requests.ts'
import { createTextEditor } from '../../editor/text-editor.ts'
import { createDocument, type DocumentState, type Version } from './document.ts'
import type { Draft, Drafts } from './drafts.ts'
import { findText, writeText } from './storage.ts'

export interface OpenFileOptions {
  readonly path: string
  readonly version: Version
  readonly request: Request
  readonly drafts: Drafts
  /** What was left of it the last time. */
  readonly draft: Draft | undefined
  readonly labelOf: (path: string) => string
  readonly isReadOnly: boolean
}

export type OpenFile = ReturnType<typeof openFile>

const QUIET_MS = 300

/** A file with its editor, under whatever name it has by now. */
export function openFile ({ path: first, version, request, drafts, draft, labelOf, isReadOnly }: OpenFileOptions) {
  const path = signal(first)
  const state = signal<DocumentState>({ name: 'unchanged' })
  const position = signal({ line: 1, column: 1, selected: 0 })
  let timer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false
  // What was saved is read anew; what was not is gone on with, from the version that it came from.
  const isUnsaved = draft !== undefined && draft.text !== draft.base.text && draft.text !== version.text
  const begin = isUnsaved ? draft.base : version
  const text = isUnsaved ? draft.text : version.text

  const editor = createTextEditor({
    text, path: first, label: labelOf(first), isReadOnly,
    memory: draft?.text === text ? draft.memory : undefined,
    onEdit () {
      document.edited()
      rememberSoon()
    },
    onCursor () {
      position.value = editor.position()
      rememberSoon()
    }
  })
  const document = createDocument({
    version: begin,
    text: editor.text,
    onText: editor.setText,
    onState: (next) => {
      state.value = next
      rememberSoon()
    },
    read: async () => await findText(request, path.peek()),
    write: async (content, ifMatch) => await writeText(request, path.peek(), content, ifMatch)
  })
  document.edited()
  position.value = editor.position()

  function remember (): void {
    clearTimeout(timer)
    timer = undefined
    if (!isClosed) void drafts.put(path.peek(), { text: editor.text(), base: document.base, memory: editor.remember() })
  }

  function rememberSoon (): void {
    timer ??= setTimeout(remember, QUIET_MS)
  }

  return {
    kind: 'text' as const,
    id: crypto.randomUUID(),
    editor,
    document,
    path,
    state,
    position,
    isUnsaved: computed(() => state.value.name !== 'unchanged'),
    /** Whether text came back that nobody had saved. */
    isRestored: isUnsaved,
    /** At once, because the page goes. */
    remember,
    rename (to: string): void {
      void drafts.remove(path.peek())
      path.value = to
      editor.rename(to, labelOf(to))
      rememberSoon()
    },
    /** `keeps` what was left of it, for the next time. */
    close ({ keeps }: { readonly keeps: boolean }): void {
      if (keeps) remember()
      else void drafts.remove(path.peek())
      isClosed = true
      clearTimeout(timer)
      editor.destroy()
    }
  }
}
