import { DockerError } from './errors.ts'
import type { CallOptions } from './options.ts'

/** What ends a call early: the caller's signal or the deadline, told apart by the reason of one signal. */
export interface CallScope {
  signal: AbortSignal
  /** Starts the deadline, from zero if it runs already. */
  startDeadline: () => void
  stopDeadline: () => void
  abort: (reason: DockerError) => void
  /** Lets go of the caller's signal, which may live much longer than the call. */
  release: () => void
}

export function createCallScope (operation: string, options: CallOptions, defaultDeadlineMs: number): CallScope {
  const controller = new AbortController()
  const deadlineMs = options.deadlineMs ?? defaultDeadlineMs
  let timer: NodeJS.Timeout | undefined

  const onTimeout = () => {
    controller.abort(new DockerError({ code: 'timeout', operation, message: `the Engine did not answer within ${deadlineMs} ms` }))
  }
  const onAbort = () => {
    controller.abort(new DockerError({ code: 'aborted', operation, message: 'aborted by the caller', cause: options.signal?.reason }))
  }
  const stopDeadline = () => clearTimeout(timer)
  const startDeadline = () => {
    stopDeadline()
    if (Number.isFinite(deadlineMs)) timer = setTimeout(onTimeout, deadlineMs)
  }

  if (options.signal?.aborted) onAbort()
  else options.signal?.addEventListener('abort', onAbort, { once: true })
  startDeadline()

  return {
    signal: controller.signal,
    startDeadline,
    stopDeadline,
    abort: (reason) => controller.abort(reason),
    release () {
      stopDeadline()
      options.signal?.removeEventListener('abort', onAbort)
    }
  }
}

type Start<T> = (resolve: (value: T) => void, reject: (error: Error) => void) => void

/** Rejects as soon as the scope is aborted; what arrives after that goes to `discard`. */
export function withinScope<T> ({ signal }: CallScope, start: Start<T>, discard: (value: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as DockerError)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    start((value) => {
      signal.removeEventListener('abort', onAbort)
      if (signal.aborted) discard(value)
      else resolve(value)
    }, (error) => {
      signal.removeEventListener('abort', onAbort)
      reject(error)
    })
  })
}
