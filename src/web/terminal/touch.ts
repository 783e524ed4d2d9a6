import type { Terminal } from '@xterm/xterm'

/** A finger moves what has scrolled out of the screen, which xterm.js 6.0 does not see to. */
export function scrollByTouch (element: HTMLElement, terminal: Terminal): void {
  let lastY: number | undefined
  let rest = 0

  element.addEventListener('touchstart', ({ touches }) => {
    lastY = touches.length === 1 ? touches[0]?.clientY : undefined
    rest = 0
  }, { passive: true })
  element.addEventListener('touchmove', (event) => {
    const y = event.touches[0]?.clientY
    const lineHeight = element.clientHeight / terminal.rows
    if (lastY === undefined || y === undefined || event.touches.length !== 1 || lineHeight <= 0) return
    rest += lastY - y
    lastY = y
    const lines = Math.trunc(rest / lineHeight)
    rest -= lines * lineHeight
    if (lines !== 0) terminal.scrollLines(lines)
    event.preventDefault()
  }, { passive: false })
}
