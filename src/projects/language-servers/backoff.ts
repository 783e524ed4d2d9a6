/** As PID 1 of a project starts its processes again. */
const LEAST_MS = 200
const MOST_MS = 60_000
const HEALTHY_MS = 10_000

interface Failures {
  readonly count: number
  readonly notBefore: number
}

/** How long to wait before something is started again that has failed: each time twice as long, anew once it has lived for a while. */
export function createBackoff (now: () => number = () => performance.now()) {
  const failed = new Map<string, Failures>()

  function forgetOld (): void {
    for (const [key, { notBefore }] of failed) if (notBefore + MOST_MS < now()) failed.delete(key)
  }

  return {
    waitMs: (key: string): number => Math.max(0, (failed.get(key)?.notBefore ?? 0) - now()),

    fail (key: string, livedMs: number): void {
      forgetOld()
      const count = livedMs >= HEALTHY_MS ? 1 : (failed.get(key)?.count ?? 0) + 1
      failed.set(key, { count, notBefore: now() + Math.min(MOST_MS, LEAST_MS * 2 ** (count - 1)) })
    }
  }
}
