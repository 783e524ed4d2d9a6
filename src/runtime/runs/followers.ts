export interface Following {
  /** Resolves when there may be something new, or the visitor's signal is aborted. */
  readonly news: () => Promise<void>
  readonly leave: () => void
}

export interface Followers {
  readonly enter: (signal: AbortSignal | undefined) => Following
  readonly wake: () => void
  /** Counts as a visit that ends at once. */
  readonly touch: () => void
  /** From now on nobody is missed. */
  readonly dismiss: () => void
}

/** Who follows a session. With `graceMs`, `onDeserted` is called when for so long nobody has. */
export function createFollowers ({ graceMs, onDeserted }: { graceMs?: number, onDeserted: () => void }): Followers {
  const wakers = new Set<() => void>()
  let visitors = 0
  let isDismissed = false
  let timer: NodeJS.Timeout | undefined

  function watch (): void {
    clearTimeout(timer)
    timer = undefined
    if (graceMs !== undefined && visitors === 0 && !isDismissed) timer = setTimeout(onDeserted, graceMs)
  }

  watch()
  return {
    enter (signal) {
      let waker: (() => void) | undefined
      let hasNews = false
      const onNews = (): void => {
        hasNews = true
        waker?.()
      }
      visitors++
      wakers.add(onNews)
      signal?.addEventListener('abort', onNews)
      watch()
      return {
        async news () {
          if (!hasNews) await new Promise<void>((resolve) => { waker = resolve })
          waker = undefined
          hasNews = false
        },
        leave () {
          visitors--
          wakers.delete(onNews)
          signal?.removeEventListener('abort', onNews)
          watch()
        }
      }
    },
    wake () {
      for (const waker of wakers) waker()
    },
    touch: watch,
    dismiss () {
      isDismissed = true
      watch()
    }
  }
}
