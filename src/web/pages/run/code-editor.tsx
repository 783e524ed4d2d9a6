import { useEffect, useRef } from 'preact/hooks'
import { createTextEditor } from '../../editor/text-editor.ts'

/** CodeMirror on one file of the program. */
export function CodeEditor ({ path, content, label, onChange }: { readonly path: string, readonly content: string, readonly label: string, readonly onChange: (content: string) => void }) {
  const root = useRef<HTMLDivElement>(null)
  const change = useRef(onChange)
  change.current = onChange

  useEffect(() => {
    const editor = createTextEditor({ text: content, label, path, onEdit: () => change.current(editor.text()) })
    root.current?.append(editor.element)
    return () => {
      editor.destroy()
      root.current?.replaceChildren()
    }
    // What is typed comes back as `content`, and is there already.
  }, [path, label])

  return <div ref={root} class="code-editor" />
}
