import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import xtermStyle from '@xterm/xterm/css/xterm.css?inline'
import type { Berth } from '../client/berth.ts'
import { describeState, type TerminalState } from '../client/terminal/state.ts'
import { ConnectedElement } from './connected-element.ts'
import { BASE_STYLE, make } from './shadow.ts'

const STYLE = `${xtermStyle} ${BASE_STYLE}
  :host { display: flex; flex-direction: column; height: 24em; background: #11181f; color: #e3e8ed }
  .screen { flex: 1; min-height: 0; padding: 4px }
`

/** `<berth-terminal project="…">`: a shell in a project, or with `process` the output of a process and what it reads. */
export class BerthTerminal extends ConnectedElement {
  protected start (berth: Berth): () => void {
    const projectId = this.getAttribute('project') ?? ''
    const processId = this.getAttribute('process')
    const screen = make('div', { class: 'screen' })
    const state = make('p', { class: 'state', role: 'status' })
    this.root.replaceChildren(make('style', {}, STYLE), screen, state)
    const terminal = new Terminal({ fontSize: 14, lineHeight: 1.1, fontFamily: 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace', minimumContrastRatio: 4.5, theme: { background: '#11181f', foreground: '#e3e8ed' } })
    const fit = new FitAddon()
    terminal.loadAddon(fit)
    terminal.open(screen)
    fit.fit()

    let isOver = false
    const options = {
      terminal: this.getAttribute('terminal') ?? undefined,
      size: { cols: terminal.cols, rows: terminal.rows },
      write: (bytes: Uint8Array, onParsed: () => void) => terminal.write(bytes, onParsed),
      onState: (next: TerminalState) => {
        isOver = next.name === 'ended' || next.name === 'refused'
        state.textContent = next.name === 'connected' ? '' : isOver ? `${describeState(next)} Any key begins anew.` : describeState(next)
      },
      onSize: ({ cols, rows }: { cols: number, rows: number }) => terminal.resize(cols, rows),
      // Moved within the page, it comes back to its shell.
      onAttached: (id: string) => this.setAttribute('terminal', id)
    }
    const session = processId === null ? berth.terminal(projectId, options) : berth.process(projectId, processId, options)
    terminal.onData((text) => isOver ? session.restart() : session.sendText(text))
    terminal.onBinary(session.sendBinary)
    const observer = new ResizeObserver(() => {
      if (fit.proposeDimensions() === undefined) return
      fit.fit()
      session.resize({ cols: terminal.cols, rows: terminal.rows })
    })
    observer.observe(screen)
    return () => {
      observer.disconnect()
      session.close()
      terminal.dispose()
    }
  }
}
