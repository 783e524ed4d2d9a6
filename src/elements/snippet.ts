import type { Berth } from '../client/berth.ts'
import { messageOf } from '../client/rest/error.ts'
import type { Run } from '../client/runs/session.ts'
import { ConnectedElement } from './connected-element.ts'
import { createEditor } from './editor.ts'
import { dedent } from './dedent.ts'
import { BASE_STYLE, make } from './shadow.ts'

const MOST_OUTPUT_CHARACTERS = 200_000

const STYLE = `${BASE_STYLE}
  :host { color-scheme: light; --line: #c6ced6; --ground: #fff; --text: #17212b; --error: #b3261e }
  .bar, form { display: flex; gap: 8px; padding: 6px 8px; border-top: 1px solid var(--line) }
  button { font: inherit; padding: 2px 12px }
  pre { margin: 0; padding: 6px 8px; max-height: 20em; overflow: auto; border-top: 1px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere }
  pre:empty, form[hidden] { display: none }
  .stderr { color: var(--error) }
  input { flex: 1; font: inherit }
`

/** `<berth-snippet language="python">print(1)</berth-snippet>`: a program to change and to run. */
export class BerthSnippet extends ConnectedElement {
  #code: string | undefined

  protected start (berth: Berth): () => void {
    const language = this.getAttribute('language') ?? 'python'
    this.#code ??= dedent(this.textContent)
    const frame = make('div')
    const button = make('button', { type: 'button' }, 'Run')
    const output = make('pre', { role: 'log', 'aria-label': 'Output', tabindex: '0' })
    const input = make('input', { 'aria-label': 'Input', autocomplete: 'off' })
    const form = make('form', { hidden: '' }, input, make('button', {}, 'Enter'))
    const state = make('p', { class: 'state', role: 'status' })
    this.root.replaceChildren(make('style', {}, STYLE), frame, make('div', { class: 'bar' }, button), output, form, state)

    let run: Run | undefined
    /** The program that was started last: whatever others still say is of no interest. */
    let turn = 0
    let written = 0

    const editor = createEditor({ root: this.root, parent: frame, code: this.#code, language, onRun: () => void toggle() })

    function write (text: string, stream: string): void {
      if (written >= MOST_OUTPUT_CHARACTERS) return
      const part = text.slice(0, MOST_OUTPUT_CHARACTERS - written)
      written += part.length
      output.append(stream === 'stderr' ? make('span', { class: 'stderr' }, part) : part)
      if (written >= MOST_OUTPUT_CHARACTERS) output.append('\n… more than can be shown here')
    }

    function finish (text: string): void {
      run = undefined
      form.hidden = true
      button.textContent = 'Run'
      state.textContent = text
    }

    async function begin (mine: number): Promise<string> {
      const isMine = (): boolean => turn === mine
      const started = await berth.run({ language, code: editor.state.doc.toString() }, {
        onOutput: (text, stream) => { if (isMine()) write(text, stream) },
        onInputRequired () {
          if (!isMine()) return
          form.hidden = false
          input.focus()
        }
      })
      if (!isMine()) {
        started.close()
        return ''
      }
      run = started
      const { status, exitCode } = await started.result
      return status === 'completed' ? 'Done' : status === 'runtime_error' ? `Ended with ${exitCode ?? 'a signal'}` : status.replaceAll('_', ' ')
    }

    async function toggle (): Promise<void> {
      if (button.textContent === 'Stop') return void run?.kill()
      const mine = ++turn
      output.replaceChildren()
      written = 0
      button.textContent = 'Stop'
      state.textContent = 'Running…'
      const text = await begin(mine).catch(messageOf)
      if (turn === mine) finish(text)
    }

    button.addEventListener('click', () => void toggle())
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      if (run?.sendInput(`${input.value}\n`) !== true) return
      write(`${input.value}\n`, 'stdin')
      input.value = ''
      form.hidden = true
    })
    return () => {
      turn++
      run?.kill()
      run?.close()
      this.#code = editor.state.doc.toString()
      editor.destroy()
    }
  }
}
