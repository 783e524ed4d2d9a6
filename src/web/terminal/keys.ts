import type { Terminal } from '@xterm/xterm'

export interface KeyOptions {
  readonly onFind: () => void
  /** Whether a key is one of the page's commands, which the shell does not see. */
  readonly isCommand: (event: KeyboardEvent) => boolean
  /** Whether Ctrl+C copies where something is selected. */
  readonly copiesSelection: () => boolean
}

/**
 * The keys that are the page's, not the shell's: Ctrl+Shift+C copies, Ctrl+Shift+V pastes, Ctrl+Shift+F finds, and Ctrl+C
 * copies what is selected. All others go to the shell.
 */
export function bindKeys (terminal: Terminal, { onFind, isCommand, copiesSelection }: KeyOptions): void {
  terminal.attachCustomKeyEventHandler((event) => {
    if (isCommand(event)) return false
    if (!event.ctrlKey || event.altKey || event.metaKey) return true
    if (!event.shiftKey) return event.code !== 'KeyC' || !copiesSelection() || !takeSelection(terminal, event)
    switch (event.code) {
      case 'KeyC':
        event.preventDefault()
        if (event.type === 'keydown') copySelection(terminal)
        return false
      case 'KeyV':
        // The browser's own paste follows, which needs no permission; xterm.js brackets it when the shell asks for that.
        return false
      case 'KeyF':
        event.preventDefault()
        // In a page that finds too.
        event.stopPropagation()
        if (event.type === 'keydown') onFind()
        return false
      default:
        return true
    }
  })
}

/** The next Ctrl+C is the shell's again. */
function takeSelection (terminal: Terminal, event: KeyboardEvent): boolean {
  if (event.type !== 'keydown' || !terminal.hasSelection()) return false
  event.preventDefault()
  copySelection(terminal)
  terminal.clearSelection()
  return true
}

function copySelection (terminal: Terminal): void {
  if (!terminal.hasSelection()) return
  // Without TLS and away from localhost there is no clipboard but this: xterm.js answers it with the selection.
  if (navigator.clipboard === undefined) document.execCommand('copy')
  else void navigator.clipboard.writeText(terminal.getSelection())
}
