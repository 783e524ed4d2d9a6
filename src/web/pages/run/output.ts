import type { Stream } from './runs.ts'

/** Past this, the beginning goes: a browser draws no endless text. */
const MOST_CHARACTERS = 2 * 1024 ** 2
// Colours and cursor movements, which are for terminals.
const ESCAPES = /\p{Cc}(?:\[[0-9;?]*[ -/]*[@-~]|\][^\p{Cc}]*\p{Cc}\\?)/gu

/** Writes what a program prints into an element: all that came within a frame at once. */
export function createOutput () {
  let element: HTMLElement | null = null
  let waiting: Array<{ stream: Stream, text: string }> = []
  let length = 0
  let isQueued = false

  function flush (): void {
    isQueued = false
    if (element === null) return
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 40
    for (const { stream, text } of waiting) append(element, stream, text)
    waiting = []
    while (length > MOST_CHARACTERS && element.firstChild !== null) {
      length -= element.firstChild.textContent?.length ?? 0
      element.firstChild.remove()
    }
    if (isAtEnd) element.scrollTop = element.scrollHeight
  }

  function append (parent: HTMLElement, stream: Stream, text: string): void {
    const span = document.createElement('span')
    span.className = stream
    span.textContent = text.replaceAll(ESCAPES, '')
    length += span.textContent.length
    parent.append(span)
  }

  return {
    attach: (next: HTMLElement | null): void => { element = next },
    write (stream: Stream, text: string): void {
      const last = waiting.at(-1)
      if (last?.stream === stream) last.text += text
      else waiting.push({ stream, text })
      if (isQueued) return
      isQueued = true
      requestAnimationFrame(flush)
    },
    clear (): void {
      waiting = []
      length = 0
      element?.replaceChildren()
    }
  }
}
