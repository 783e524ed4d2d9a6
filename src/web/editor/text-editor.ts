import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, Transaction } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view'
import { nameOf } from '../../client/files/paths.ts'
import { codeColours, editorTheme } from './colours.ts'
import { difference } from './difference.ts'
import { indentationOf } from './indentation.ts'
import { languageFor } from './languages.ts'
import { lineEndingOf, type LineEnding } from './line-endings.ts'

export interface TextEditorOptions {
  readonly text: string
  readonly label: string
  /** For its colours. */
  readonly path: string
  readonly onEdit: () => void
}

/** CodeMirror on the text of one file. */
export function createTextEditor ({ text, label, path, onEdit }: TextEditorOptions) {
  let ending: LineEnding = lineEndingOf(text)
  const language = new Compartment()
  const separator = new Compartment()
  const attributes = new Compartment()
  const indentation = new Compartment()

  // Lines end as they did. Where that is in more than one way, a carriage return is a character like any other.
  const separatorOf = (value: LineEnding) => value === 'mixed' ? EditorState.lineSeparator.of('\n') : []
  const labelOf = (value: string) => EditorView.contentAttributes.of({ 'aria-label': value, 'aria-description': 'Escape, then Tab leaves the editor.' })
  const indentationFor = (value: string) => indentUnit.of(indentationOf(nameOf(value), text))
  const toLines = (value: string): string => lineEndingOf(value) === '\r\n' ? value.replaceAll('\r\n', '\n') : value

  const view = new EditorView({
    state: EditorState.create({
      doc: toLines(text),
      extensions: [
        separator.of(separatorOf(ending)),
        attributes.of(labelOf(label)),
        language.of([]),
        indentation.of(indentationFor(path)),
        EditorState.tabSize.of(4),
        lineNumbers(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSpecialChars(),
        highlightSelectionMatches(),
        drawSelection(),
        history(),
        indentOnInput(),
        bracketMatching(),
        syntaxHighlighting(codeColours),
        editorTheme,
        keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
        EditorView.updateListener.of(({ docChanged }) => { if (docChanged) onEdit() })
      ]
    })
  })

  async function colour (fileName: string): Promise<void> {
    const load = languageFor(fileName)
    view.dispatch({ effects: language.reconfigure(load === undefined ? [] : await load()) })
  }

  /** Without colours a text can be edited all the same. */
  function colourFor (value: string): void {
    colour(nameOf(value)).catch(() => undefined)
  }

  colourFor(path)
  return {
    element: view.dom,
    focus: (): void => view.focus(),
    destroy: (): void => view.destroy(),

    text: (): string => {
      const lines = view.state.doc.toString()
      return ending === '\r\n' ? lines.replaceAll('\n', '\r\n') : lines
    },

    /** Takes over what was written elsewhere: the cursor stays at its text, and Undo does not bring the old one back. */
    setText: (value: string): void => {
      ending = lineEndingOf(value)
      // First of all, because it says where the new text is split into lines.
      view.dispatch({ effects: separator.reconfigure(separatorOf(ending)) })
      const changes = difference(view.state.doc.toString(), toLines(value))
      if (changes !== undefined) view.dispatch({ changes, annotations: Transaction.addToHistory.of(false) })
    },

    rename (newPath: string, newLabel: string): void {
      view.dispatch({ effects: [attributes.reconfigure(labelOf(newLabel)), indentation.reconfigure(indentationFor(newPath))] })
      colourFor(newPath)
    }
  }
}
