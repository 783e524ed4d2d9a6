import { createDeferred } from '../../../lib/deferred.ts'
import type { ListeningPort } from '../../../sandbox/agent-protocol.ts'

const FRESH_MS = 1_000
const FORGET_MS = 60_000

/** What listens in a container, asked of its agent at most once a second, however many want to know. */
export function createListening ({ list, now = () => performance.now() }: {
  list: (containerId: string) => Promise<ListeningPort[]>
  now?: () => number
}) {
  const answers = new Map<string, { readonly atMs: number, readonly ports: Promise<ListeningPort[]> }>()

  function forgetOld (): void {
    for (const [containerId, { atMs }] of answers) if (now() - atMs > FORGET_MS) answers.delete(containerId)
  }

  async function withinDeadline (ports: Promise<ListeningPort[]>, signal: AbortSignal | undefined): Promise<ListeningPort[]> {
    if (signal === undefined) return await ports
    const aborted = createDeferred<never>()
    const onAbort = (): void => aborted.reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([ports, aborted.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** The signal ends the waiting, not the question, whose answer others may wait for. */
  return async (containerId: string, signal?: AbortSignal): Promise<ListeningPort[]> => {
    const known = answers.get(containerId)
    if (known !== undefined && now() - known.atMs < FRESH_MS) return await withinDeadline(known.ports, signal)
    forgetOld()
    const answer = { atMs: now(), ports: list(containerId) }
    answers.set(containerId, answer)
    answer.ports.catch(() => {
      if (answers.get(containerId) === answer) answers.delete(containerId)
    })
    return await withinDeadline(answer.ports, signal)
  }
}
export type Listening = ReturnType<typeof createListening>
