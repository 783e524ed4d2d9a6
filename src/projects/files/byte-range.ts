/** The part of a file that is asked for: the whole, a part that there is, or one that there is not. */
export type RequestedRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part', readonly offset: number, readonly length: number }
  | { readonly kind: 'unsatisfiable' }

const MAX_DIGITS = 15

/** What a Range header asks for of a file of that size. Several ranges, or another unit, get the whole, as they may. */
export function parseRange (header: string | undefined, size: number): RequestedRange {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return { kind: 'whole' }
  if (first.length > MAX_DIGITS || last.length > MAX_DIGITS) return { kind: 'unsatisfiable' }
  return first === '' ? suffix(Number(last), size) : part(Number(first), last === '' ? Infinity : Number(last), size)
}

function suffix (length: number, size: number): RequestedRange {
  if (length === 0 || size === 0) return { kind: 'unsatisfiable' }
  return { kind: 'part', offset: Math.max(size - length, 0), length: Math.min(length, size) }
}

function part (first: number, last: number, size: number): RequestedRange {
  if (last < first) return { kind: 'whole' }
  if (first >= size) return { kind: 'unsatisfiable' }
  return { kind: 'part', offset: first, length: Math.min(last, size - 1) - first + 1 }
}
