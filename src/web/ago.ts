import type { ProjectDetails } from './api/types.ts'

const UNITS: ReadonlyArray<readonly [Intl.RelativeTimeFormatUnit, number]> = [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3_600], ['minute', 60]]

/** How long ago something was, in words. */
export function describeAgo (instant: string, now: Date, locale: string): string {
  const seconds = Math.round((Date.parse(instant) - now.getTime()) / 1000)
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  for (const [unit, size] of UNITS) if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit)
  return format.format(0, 'second')
}

export function describeTime (instant: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant))
}

/** When the project stops by itself, as far as anybody knows now. */
export function minutesLeft ({ status, stopsAt }: Pick<ProjectDetails, 'status' | 'stopsAt'>, now: Date): number | undefined {
  if (status !== 'running' || stopsAt === null) return undefined
  return Math.max(1, Math.ceil((Date.parse(stopsAt) - now.getTime()) / 60_000))
}
