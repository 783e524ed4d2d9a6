export interface Poll {
  /** Asks at once, or again as soon as the question under way is answered. */
  readonly now: () => void
  readonly stop: () => void
}

/** Asks now and then while the page is visible, never twice at once. `ask` deals with its own failures. */
export function poll (ask: () => Promise<void>, intervalMs: number): Poll {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isAsking = false
  let isAskedAgain = false
  let isStopped = false

  async function run (): Promise<void> {
    clearTimeout(timer)
    if (isStopped || document.hidden) return
    if (isAsking) {
      isAskedAgain = true
      return
    }
    isAsking = true
    isAskedAgain = false
    await ask()
    isAsking = false
    if (isAskedAgain) return await run()
    if (!isStopped) timer = setTimeout(now, intervalMs)
  }

  function now (): void {
    void run()
  }

  document.addEventListener('visibilitychange', now)
  now()
  return {
    now,
    stop () {
      isStopped = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', now)
    }
  }
}
