/** Cuts text that comes in any pieces into lines without blank ones; a progress bar's carriage return ends a line too. */
export function createLineSplitter (onLine: (line: string) => void): { write: (text: string) => void, end: () => void } {
  let rest = ''
  const emit = (line: string): void => {
    const shown = line.trimEnd()
    if (shown !== '') onLine(shown)
  }
  return {
    write (text) {
      const parts = (rest + text).split(/[\r\n]+/)
      rest = parts.pop() ?? ''
      parts.forEach(emit)
    },
    end () {
      emit(rest)
      rest = ''
    }
  }
}
