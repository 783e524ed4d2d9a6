import { createDeferred, type Deferred } from '../../lib/deferred.ts'
import type { SlotView, WaiterView } from './plan.ts'

interface Waiter<S> extends WaiterView {
  readonly slot: Deferred<S>
}

/** Those who wait for a sandbox, in the order in which they came. */
export function createWaitingLine<S extends SlotView> () {
  const waiters: Array<Waiter<S>> = []

  function takeOut (isNext: (waiter: WaiterView) => boolean): Waiter<S> | undefined {
    const index = waiters.findIndex(isNext)
    return index < 0 ? undefined : waiters.splice(index, 1)[0]
  }

  return {
    view: (): readonly WaiterView[] => waiters,
    countOf: (language: string, owner: string | null): number =>
      waiters.filter((waiter) => waiter.language === language && waiter.owner === owner).length,
    /** Joins the line at once. Rejects with the signal's reason for who does not want to wait any longer. */
    async wait (language: string, owner: string | null, signal: AbortSignal): Promise<S> {
      const waiter: Waiter<S> = { language, owner, slot: createDeferred<S>() }
      waiters.push(waiter)
      const onAbort = (): void => {
        takeOut((other) => other === waiter)
        waiter.slot.reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        return await waiter.slot.promise
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
    /** The first who may have the sandbox is out of the line; `give` hands it over. */
    next (slot: S): { owner: string | null, give: () => void } | undefined {
      const waiter = takeOut(({ language, owner }) => language === slot.language && (slot.owner === null || slot.owner === owner))
      return waiter === undefined ? undefined : { owner: waiter.owner, give: () => waiter.slot.resolve(slot) }
    },
    /** Sends the first of a language away. */
    fail: (language: string, reason: unknown): void => takeOut((waiter) => waiter.language === language)?.slot.reject(reason),
    failAll (reason: unknown): void {
      for (const waiter of waiters.splice(0)) waiter.slot.reject(reason)
    }
  }
}
