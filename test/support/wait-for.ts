import { setTimeout as sleep } from 'node:timers/promises'
import { patience } from './patience.ts'

/** Asks again and again until the answer is neither undefined nor false; fails loudly, with what was waited for. */
export async function waitFor<T> (what: string, ask: () => Promise<T | undefined | false> | T | undefined | false, deadlineMs = 15_000): Promise<T> {
  const patienceMs = deadlineMs * patience
  const deadline = performance.now() + patienceMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain for ${what}`)
    await sleep(20)
  }
}
