import { useSignal, type Signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { useAttempt, useConsole } from './console.ts'

interface Paged<T> {
  readonly items: Signal<readonly T[] | undefined>
  readonly load: () => Promise<void>
  /** Undefined where all are there. */
  readonly more: (() => Promise<void>) | undefined
}

/** A list of the API, which is read in pages; anew when its address is another one. */
export function usePaged<T> (path: string, field: string): Paged<T> {
  const { api } = useConsole()
  const attempt = useAttempt()
  const items = useSignal<readonly T[] | undefined>(undefined)
  const cursor = useSignal<string | null>(null)

  async function read (from: string | null): Promise<void> {
    const separator = path.includes('?') ? '&' : '?'
    const page = await api.get<Record<string, T[]> & { nextCursor: string | null }>(from === null ? path : `${path}${separator}cursor=${encodeURIComponent(from)}`)
    items.value = [...(from === null ? [] : items.peek() ?? []), ...page[field] ?? []]
    cursor.value = page.nextCursor ?? null
  }

  const load = async (): Promise<void> => await attempt(async () => await read(null))
  useEffect(() => { void load() }, [path])
  return { items, load, more: cursor.value === null ? undefined : async () => await attempt(async () => await read(cursor.peek())) }
}
