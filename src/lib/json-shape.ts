const MAX_DEPTH = 100
const MAX_VALUES = 100_000

/**
 * What is wrong with the form of a JSON text, as the end of a sentence; undefined if nothing. Parsing, checking and dropping
 * a value takes a multiple of the time per byte when it is all brackets or names, so those are counted before.
 */
export function jsonShapeProblem (text: string): string | undefined {
  let depth = 0
  let values = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at + 1)
        break
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > MAX_DEPTH) return `is nested more than ${MAX_DEPTH} levels deep`
        break
      case 0x5d: // ]
      case 0x7d: // }
        depth--
        break
      case 0x2c: // ,
        if (++values > MAX_VALUES) return `has more than ${MAX_VALUES} values`
    }
  }
  return undefined
}

function endOfString (text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at
    if (code === 0x5c) at++
  }
  return at
}
