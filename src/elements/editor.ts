import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, defaultHighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view'

const languages: Readonly<Record<string, () => Promise<Extension>>> = {
  c: async () => (await import('@codemirror/lang-cpp')).cpp(),
  cpp: async () => (await import('@codemirror/lang-cpp')).cpp(),
  go: async () => (await import('@codemirror/lang-go')).go(),
  java: async () => (await import('@codemirror/lang-java')).java(),
  javascript: async () => (await import('@codemirror/lang-javascript')).javascript(),
  php: async () => (await import('@codemirror/lang-php')).php(),
  python: async () => (await import('@codemirror/lang-python')).python(),
  rust: async () => (await import('@codemirror/lang-rust')).rust(),
  typescript: async () => (await import('@codemirror/lang-javascript')).javascript({ typescript: true })
}

export interface EditorOptions {
  readonly root: ShadowRoot
  readonly parent: HTMLElement
  readonly code: string
  readonly language: string
  readonly onRun: () => void
}

/** CodeMirror, small: Ctrl-Enter runs, and Tab leaves it, as in the rest of the page. */
export function createEditor ({ root, parent, code, language, onRun }: EditorOptions): EditorView {
  const colours = new Compartment()
  const view = new EditorView({
    root,
    parent,
    state: EditorState.create({
      doc: code,
      extensions: [
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), indentUnit.of(language === 'python' ? '    ' : '  '),
        syntaxHighlighting(defaultHighlightStyle), colours.of([]),
        EditorView.contentAttributes.of({ 'aria-label': 'Program' }),
        keymap.of([{ key: 'Mod-Enter', run: () => { onRun(); return true } }, ...defaultKeymap, ...historyKeymap])
      ]
    })
  })
  const load = Object.hasOwn(languages, language) ? languages[language] : undefined
  // Without its colours a program can be read all the same.
  load?.().then((extension) => view.dispatch({ effects: colours.reconfigure(extension) }), () => undefined)
  return view
}
