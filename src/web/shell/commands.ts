import { computed, signal } from '@preact/signals'

export interface Command {
  readonly id: string
  readonly title: string
  /** As in `Ctrl+K`; on a Mac, Cmd is as good. */
  readonly keys?: readonly string[]
  /** Also in a terminal, to which all other keys belong. */
  readonly isGlobal?: boolean | undefined
  readonly run: () => void
}

export type Commands = ReturnType<typeof createCommands>

/** All that can be done, by whatever feeds on it: the palette, menus, keys and the list of keys. */
export function createCommands () {
  const groups = signal<ReadonlyArray<readonly Command[]>>([])
  const all = computed(() => groups.value.flat())

  return {
    all,
    /** Returns how to take them back. */
    register (commands: readonly Command[]): () => void {
      groups.value = [...groups.peek(), commands]
      return () => { groups.value = groups.peek().filter((group) => group !== commands) }
    },
    run: (id: string): void => all.peek().find((command) => command.id === id)?.run(),
    /** Whether the key is one of a command that a terminal leaves it. */
    isGlobal: (event: KeyboardEvent): boolean => all.peek().some(({ keys, isGlobal }) => isGlobal === true && keys?.includes(keysOf(event)) === true),
    /** Whether the key was one of a command, which has been done then. */
    press (event: KeyboardEvent): boolean {
      const keys = keysOf(event)
      const found = all.peek().find((command) => command.keys?.includes(keys) === true)
      if (found === undefined || (isTyping(event) && !event.ctrlKey && !event.metaKey && !/^F\d/.test(keys))) return false
      found.run()
      return true
    }
  }
}

function keysOf ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string {
  const name = key.length === 1 ? key.toUpperCase() : key
  // Shift is part of what a character is, such as "?".
  const hasShift = shiftKey && (key.length > 1 || /[a-z]/i.test(key))
  return [ctrlKey || metaKey ? 'Ctrl' : '', altKey ? 'Alt' : '', hasShift ? 'Shift' : '', name].filter((part) => part !== '').join('+')
}

function isTyping ({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null
}
