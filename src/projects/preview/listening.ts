import type { ListeningPort } from '../../sandbox/agent-protocol.ts'

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

  return async (containerId: string): Promise<ListeningPort[]> => {
    const known = answers.get(containerId)
    if (known !== undefined && now() - known.atMs < FRESH_MS) return await known.ports
    forgetOld()
    const answer = { atMs: now(), ports: list(containerId) }
    answers.set(containerId, answer)
    answer.ports.catch(() => {
      if (answers.get(containerId) === answer) answers.delete(containerId)
    })
    return await answer.ports
  }
}
export type Listening = ReturnType<typeof createListening>
