import { parseDuration } from './units.ts'

/** So many within a window that starts with the first of them. */
export interface Limit {
  readonly max: number
  readonly windowMs: number
}

/** `20/5m`; false for `off`; undefined if it is neither. */
export function parseLimit (text: string): Limit | false | undefined {
  if (text === 'off') return false
  const match = /^([1-9]\d{0,8})\/([^/]+)$/.exec(text)
  const windowMs = parseDuration(match?.[2] ?? '')
  if (match === null || windowMs === undefined || windowMs < 1) return undefined
  return { max: Number(match[1]), windowMs }
}
