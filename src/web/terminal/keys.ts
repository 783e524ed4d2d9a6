import type { Terminal } from '@xterm/xterm'

/**
 * The keys that are the page's, not the shell's: Ctrl+Shift+C copies, Ctrl+Shift+V pastes, Ctrl+Shift+F finds.
 * Ctrl+C, Ctrl+V and all others go to the shell.
 */
export function bindKeys (terminal: Terminal, onFind: () => void): void {
  terminal.attachCustomKeyEventHandler((event) => {
    if (!event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return true
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
        if (event.type === 'keydown') onFind()
        return false
      default:
        return true
    }
  })
}

function copySelection (terminal: Terminal): void {
  if (!terminal.hasSelection()) return
  // Without TLS and away from localhost there is no clipboard but this: xterm.js answers it with the selection.
  if (navigator.clipboard === undefined) document.execCommand('copy')
  else void navigator.clipboard.writeText(terminal.getSelection())
}
