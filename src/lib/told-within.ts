import { setTimeout as sleep } from 'node:timers/promises'

/** The answer, or undefined when there is none or it does not come in time. */
export async function toldWithin<T> (ms: number, question: Promise<T>): Promise<T | undefined> {
  return await Promise.race([question.catch(() => undefined), sleep(ms, undefined, { ref: false })])
}
