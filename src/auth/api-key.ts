import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export function generateApiKey (): string {
  return `brt_${randomBytes(24).toString('base64url')}`
}

/** Tells whether a presented key is the one of this server, in a time that says nothing about it. */
export function createKeyCheck (key: string): (presented: string) => boolean {
  const expected = digest(key)
  return (presented) => timingSafeEqual(digest(presented), expected)
}

function digest (key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
