import { createHash, randomBytes } from 'node:crypto'

/** 192 random bits: nothing that could be guessed, so that a fast hash of it is safe to keep. */
export function generateApiKey (): string {
  return `brt_${randomBytes(24).toString('base64url')}`
}

export function hashApiKey (key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** What a person tells one key from another by: never more than a quarter of it. */
export function prefixOf (key: string): string {
  return key.slice(0, Math.min(12, Math.floor(key.length / 4)))
}
