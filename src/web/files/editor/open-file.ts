import { displayName } from '../../../client/files/paths.ts'
import type { Request } from '../../../client/files/requests.ts'
import { createDocument, type DocumentState, type Version } from './document.ts'
import { findText, writeText } from './storage.ts'
import { createTextEditor } from '../../editor/text-editor.ts'

export interface OpenFileOptions {
  readonly path: string
  readonly version: Version
  readonly request: Request
  readonly onState: () => void
}

export type OpenFile = ReturnType<typeof openFile>

const labelOf = (path: string): string => `Text of ${displayName(path)}`

/** A file with its editor, under whatever name it has by now. */
export function openFile ({ path: first, version, request, onState }: OpenFileOptions) {
  let path = first
  let state: DocumentState = { name: 'unchanged' }

  const editor = createTextEditor({ text: version.text, path, label: labelOf(path), onEdit: () => document.edited() })
  const document = createDocument({
    version,
    text: editor.text,
    onText: editor.setText,
    onState: (next) => {
      state = next
      onState()
    },
    read: async () => await findText(request, path),
    write: async (text, ifMatch) => await writeText(request, path, text, ifMatch)
  })

  return {
    editor,
    document,
    get path () { return path },
    get state () { return state },
    rename (to: string): void {
      path = to
      editor.rename(to, labelOf(to))
    }
  }
}
