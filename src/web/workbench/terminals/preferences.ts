import { effect, signal } from '@preact/signals'

const KEY = 'berth.terminal.copies-selection'

/** What somebody likes of their terminals, in all projects. */
export function createPreferences (storage: Storage) {
  const copiesSelection = signal(storage.getItem(KEY) !== 'no')
  effect(() => {
    // A browser that stores nothing forgets it.
    try { storage.setItem(KEY, copiesSelection.value ? 'yes' : 'no') } catch {}
  })
  return { copiesSelection }
}
