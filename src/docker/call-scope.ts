import { DockerError } from './errors.ts'
import type { CallOptions } from './options.ts'

type AbortListener = (reason: DockerError) => void

/**
 * What ends a call early: the caller's signal or the deadline, told apart by the reason. Not an AbortController of its
 * own, which with its listeners would cost a third of a ping.
 */
export interface CallScope {
  /** Set once the call is aborted. */
  reason: () => DockerError | undefined
  /** Calls back when the call is aborted, at once if it is already. Returns how to stop listening. */
  onAbort: (listener: AbortListener) => () => void
  abort: AbortListener
  /** Starts the deadline, from zero if it runs already. */
  startDeadline: () => void
  stopDeadline: () => void
  /** Lets go of the caller's signal, which may live much longer than the call. */
  release: () => void
}

export function createCallScope (operation: string, { signal, deadlineMs }: CallOptions, defaultDeadlineMs: number): CallScope {
  const limitMs = deadlineMs ?? defaultDeadlineMs
  const listeners = new Set<AbortListener>()
  let reason: DockerError | undefined
  let timer: NodeJS.Timeout | undefined

  function abort (cause: DockerError): void {
    if (reason !== undefined) return
    reason = cause
    for (const listener of listeners) listener(cause)
  }
  function onTimeout (): void {
    abort(new DockerError({ code: 'timeout', operation, message: `the Engine did not answer within ${limitMs} ms` }))
  }
  function onSignal (): void {
    abort(new DockerError({ code: 'aborted', operation, message: 'aborted by the caller', cause: signal?.reason }))
  }
  function stopDeadline (): void {
    clearTimeout(timer)
  }
  function startDeadline (): void {
    stopDeadline()
    if (Number.isFinite(limitMs)) timer = setTimeout(onTimeout, limitMs)
  }

  if (signal?.aborted) onSignal()
  else signal?.addEventListener('abort', onSignal, { once: true })
  startDeadline()

  return {
    reason: () => reason,
    onAbort (listener) {
      if (reason !== undefined) listener(reason)
      else listeners.add(listener)
      return () => listeners.delete(listener)
    },
    abort,
    startDeadline,
    stopDeadline,
    release () {
      stopDeadline()
      signal?.removeEventListener('abort', onSignal)
    }
  }
}
