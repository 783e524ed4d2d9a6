import { defaultKeymap, history, historyField, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { Compartment, EditorSelection, EditorState, Transaction, type StateEffect } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view'
import { nameOf } from '../../client/files/paths.ts'
import { codeColours, editorTheme } from './colours.ts'
import { difference } from './difference.ts'
import { indentationOf } from './indentation.ts'
import { languageFor } from './languages.ts'
import { lineEndingOf, type LineEnding } from './line-endings.ts'

/** Runs the program, wherever there is an editor, and inserts no line. */
const RUN_KEY = 'Mod-Enter'

export interface TextEditorOptions {
  readonly text: string
  readonly label: string
  /** For its colours. */
  readonly path: string
  readonly onEdit: () => void
  /** The cursor has moved, or the text has. */
  readonly onCursor?: (() => void) | undefined
  readonly isReadOnly?: boolean | undefined
  /** Of the same text: it goes on as it was. */
  readonly memory?: EditorMemory | undefined
}

/** Where somebody was in a text, and what they can undo. */
export interface EditorMemory {
  /** As CodeMirror makes it. */
  readonly state: unknown
  /** The first line that could be seen. */
  readonly topLine: number
}

/** CodeMirror on the text of one file. */
export function createTextEditor ({ text, label, path, onEdit, onCursor = () => undefined, isReadOnly = false, memory }: TextEditorOptions) {
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

  let scrolled: StateEffect<unknown> | undefined
  let topLine = memory?.topLine ?? 1

  const extensions = [
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
    keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap.filter(({ key }) => key !== RUN_KEY), indentWithTab]),
    EditorState.readOnly.of(isReadOnly),
    // Not asked for later: what is not shown has no place.
    EditorView.domEventHandlers({ scroll: (_event, { state, scrollDOM }) => { topLine = state.doc.lineAt(view.lineBlockAtHeight(scrollDOM.scrollTop).from).number } }),
    EditorView.updateListener.of(({ docChanged, selectionSet }) => {
      if (docChanged) onEdit()
      if (docChanged || selectionSet) onCursor()
    })
  ]
  const state = memory === undefined ? EditorState.create({ doc: toLines(text), extensions }) : EditorState.fromJSON(memory.state, { extensions }, { history: historyField })
  const place = EditorView.scrollIntoView(state.doc.line(Math.min(topLine, state.doc.lines)).from, { y: 'start' })
  const view: EditorView = new EditorView({ state, scrollTo: place })

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

    /** Shows it in an element, as it was when it was hidden. */
    show (frame: Element): void {
      if (view.dom.parentElement === frame) return
      frame.replaceChildren(view.dom)
      if (scrolled !== undefined) view.dispatch({ effects: scrolled })
      view.requestMeasure()
    },
    hide (): void {
      if (view.dom.parentElement === null) return
      scrolled = view.scrollSnapshot()
      view.dom.remove()
    },

    /** From 1. */
    position (): { line: number, column: number, selected: number } {
      const { main } = view.state.selection
      const line = view.state.doc.lineAt(main.head)
      return { line: line.number, column: main.head - line.from + 1, selected: main.to - main.from }
    },

    goTo (line: number, column = 1): void {
      const { from, to } = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines))
      const at = Math.min(to, from + column - 1)
      scrolled = EditorView.scrollIntoView(at, { y: 'center' })
      view.dispatch({ selection: EditorSelection.cursor(at), effects: scrolled })
    },

    remember: (): EditorMemory => ({ state: view.state.toJSON({ history: historyField }), topLine }),

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
