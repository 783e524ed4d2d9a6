export interface Assignment {
  readonly id: string
  readonly name: string
  readonly runtime: string
  readonly copies: number
  readonly createdAt: string
  readonly dueAt: string | null
  readonly closedAt: string | null
}

/** Of a field for local times; undefined for an empty one. */
export function fromLocalTime (value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : new Date(value).toISOString()
}

/** For such a field, in minutes. */
export function toLocalTime (instant: string | null): string {
  if (instant === null) return ''
  const date = new Date(instant)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
