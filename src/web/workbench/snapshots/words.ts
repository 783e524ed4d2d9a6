import type { WorkbenchTexts } from '../../texts/workbench/en.ts'

export interface Snapshot {
  readonly id: string
  readonly name: string | null
  readonly kind: string
  readonly size: number
  readonly files: number
  readonly createdAt: string
}

type Words = Pick<WorkbenchTexts['snapshots'], 'automatic' | 'unnamed' | 'files'>

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

export function describeSize (bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(bytes) / 3)))
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${UNITS[power]}`
}

export function titleOf ({ name, kind }: Snapshot, words: Words): string {
  return name ?? (kind === 'automatic' ? words.automatic : words.unnamed)
}

export function describeSnapshot ({ createdAt, files, size }: Snapshot, words: Words, locale: string): string {
  const time = new Date(createdAt).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' })
  return `${time} · ${words.files(files)} · ${describeSize(size)}`
}
