export interface Wakeable {
  addEventListener(type: string, listener: () => void): void
  removeEventListener(type: string, listener: () => void): void
}

/** What is used of a browser's page; Node has neither of them. */
export interface PageGlobals {
  readonly window?: Wakeable
  readonly document?: Wakeable & { readonly hidden: boolean }
}

const page = globalThis as PageGlobals

const EVENTS = ['online', 'focus', 'visibilitychange'] as const

/**
 * Calls back when the network may be back or somebody looks again, which is when a connection should be tried or asked
 * whether it lives. Returns how to stop. Outside of browsers nothing of that happens.
 */
export function onWake (callback: () => void, { window, document }: PageGlobals = page): () => void {
  const wake = (): void => { if (document?.hidden !== true) callback() }
  for (const target of [window, document]) for (const event of EVENTS) target?.addEventListener(event, wake)
  return () => {
    for (const target of [window, document]) for (const event of EVENTS) target?.removeEventListener(event, wake)
  }
}

/** Nobody looks at a hidden page, so it does not keep on trying. */
export function isPageVisible (): boolean {
  return page.document?.hidden !== true
}
