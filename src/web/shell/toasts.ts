import { signal } from '@preact/signals'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly isProblem: boolean
}

const LIFETIME_MS = 6_000

export type Toasts = ReturnType<typeof createToasts>

/** Short messages about what was done. What went wrong stays until it is closed. */
export function createToasts () {
  const shown = signal<readonly Toast[]>([])
  let last = 0

  const close = (id: number): void => { shown.value = shown.peek().filter((toast) => toast.id !== id) }

  function add (text: string, isProblem: boolean): void {
    const id = ++last
    shown.value = [...shown.peek().filter((toast) => toast.text !== text), { id, text, isProblem }]
    if (!isProblem) setTimeout(() => close(id), LIFETIME_MS)
  }

  return {
    shown,
    close,
    say: (text: string): void => add(text, false),
    complain: (text: string): void => add(text, true)
  }
}
