/** How the lines of a text end; mixed ones must stay where they are. */
export type LineEnding = '\n' | '\r\n' | 'mixed'

export function lineEndingOf (text: string): LineEnding {
  const breaks = new Set(text.match(/\r\n?|\n/g))
  if (breaks.size === 0) return '\n'
  const [only] = breaks
  return breaks.size === 1 && (only === '\n' || only === '\r\n') ? only : 'mixed'
}
