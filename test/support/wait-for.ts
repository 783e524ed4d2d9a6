import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again until the answer is neither undefined nor false; fails loudly, with what was waited for. */
export async function waitFor<T> (what: string, ask: () => Promise<T | undefined | false> | T | undefined | false, deadlineMs = 15_000): Promise<T> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`)
    await sleep(20)
  }
}
