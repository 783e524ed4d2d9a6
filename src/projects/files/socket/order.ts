export interface Claim {
  readonly paths: readonly string[]
  readonly isWrite: boolean
}

/**
 * Lets work run side by side, except that what touches the same path, or one beneath it, goes in the order in which it
 * came: a client that writes a file twice without waiting finds there what it sent last. Reads do not wait for reads.
 */
export function createOrder () {
  const underWay = new Map<Claim, Promise<unknown>>()

  return {
    async run (claim: Claim, work: () => Promise<void>): Promise<void> {
      const before = [...underWay].filter(([other]) => isInOrder(other, claim)).map(([, done]) => done)
      const done = Promise.allSettled(before).then(work)
      underWay.set(claim, done)
      try {
        await done
      } finally {
        underWay.delete(claim)
      }
    }
  }
}

function isInOrder (a: Claim, b: Claim): boolean {
  if (!a.isWrite && !b.isWrite) return false
  return a.paths.some((path) => b.paths.some((other) => isWithin(path, other) || isWithin(other, path)))
}

function isWithin (path: string, directory: string): boolean {
  const base = directory.replace(/\/$/, '')
  return base === '' || path === base || path.startsWith(`${base}/`)
}
