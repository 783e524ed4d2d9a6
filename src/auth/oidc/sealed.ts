import { createSeal, UnsealError } from '../../lib/seal.ts'

/** What a browser keeps for us in a cookie for a while, and can neither read nor change. */
export interface Sealed<T> {
  /** With the time after which it is worth nothing. */
  readonly seal: (value: T) => [text: string, expires: Date]
  /** Undefined for what was not sealed for this purpose, or too long ago. */
  readonly open: (text: string | undefined) => T | undefined
}

export function createSealed<T> ({ secret, purpose, lifetimeMs, now = Date.now }: { secret: string, purpose: string, lifetimeMs: number, now?: () => number }): Sealed<T> {
  const sealer = createSeal([secret], `berth: ${purpose}`)
  return {
    seal (value) {
      const until = now() + lifetimeMs
      return [sealer.seal(JSON.stringify({ until, value }), purpose).toString('base64url'), new Date(until)]
    },
    open (text) {
      if (text === undefined) return undefined
      try {
        const { until, value } = JSON.parse(sealer.open(Buffer.from(text, 'base64url'), purpose)) as { until: number, value: T }
        return until > now() ? value : undefined
      } catch (error) {
        if (error instanceof UnsealError) return undefined
        throw error
      }
    }
  }
}
