import { isWithin, nameOf, parentOf } from '../../../client/files/paths.ts'
import type { Row } from './model.ts'

/** What a key in the tree asks for. */
export type Step =
  | { readonly kind: 'focus', readonly path: string }
  | { readonly kind: 'expand' | 'collapse', readonly path: string }

/** What the arrow keys, Home, End and letters do, as in any tree; undefined for all other keys. */
export function stepFor (key: string, rows: readonly Row[], current: string): Step | undefined {
  const index = rows.findIndex(({ path }) => path === current)
  const row = rows[index]
  if (row === undefined) return undefined
  switch (key) {
    case 'ArrowDown': return focus(rows[index + 1])
    case 'ArrowUp': return focus(rows[index - 1])
    case 'Home': return focus(rows[0])
    case 'End': return focus(rows.at(-1))
    case 'ArrowRight': return stepIn(row, rows[index + 1])
    case 'ArrowLeft': return stepOut(row, rows)
    default: return key.length === 1 && key !== ' ' ? focus(nextWith(key, rows, index)) : undefined
  }
}

function focus (row: Row | undefined): Step | undefined {
  return row === undefined ? undefined : { kind: 'focus', path: row.path }
}

function stepIn ({ path, type, isExpanded }: Row, next: Row | undefined): Step | undefined {
  if (type !== 'directory') return undefined
  if (!isExpanded) return { kind: 'expand', path }
  return next !== undefined && isWithin(next.path, path) ? focus(next) : undefined
}

function stepOut ({ path, isExpanded }: Row, rows: readonly Row[]): Step | undefined {
  if (isExpanded) return { kind: 'collapse', path }
  return focus(rows.find((row) => row.path === parentOf(path)))
}

function nextWith (letter: string, rows: readonly Row[], index: number): Row | undefined {
  const inOrder = [...rows.slice(index + 1), ...rows.slice(0, index)]
  return inOrder.find(({ path }) => nameOf(path).toLowerCase().startsWith(letter.toLowerCase()))
}

/** What takes the focus when the row that had it is gone: what is in its place now, or stands last. */
export function rowInPlaceOf (path: string, before: readonly Row[], after: readonly Row[]): Row | undefined {
  const left = new Set(after.map((row) => row.path))
  const index = before.findIndex((row) => row.path === path)
  const survivor = before.slice(Math.max(0, index)).find((row) => left.has(row.path)) ??
    before.slice(0, Math.max(0, index)).findLast((row) => left.has(row.path))
  return after.find((row) => row.path === survivor?.path) ?? after[0]
}
