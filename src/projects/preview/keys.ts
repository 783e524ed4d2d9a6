import type { RawHeaders } from './headers.ts'
import { pairs } from './headers.ts'

const POSSIBLE = /^[A-Za-z0-9_-]{16,256}$/
const OURS = /^brt_/

function keyIn (name: string, value: string): string | undefined {
  const lower = name.toLowerCase()
  if (lower === 'x-api-key') return value.trim()
  return lower === 'authorization' ? /^Bearer +(\S+)$/i.exec(value.trim())?.[1] : undefined
}

/** What may be keys of Berth's, in the places where a client puts one. They may as well be the app's own. */
export function possibleKeys (raw: RawHeaders): string[] {
  return [...pairs(raw)].map(([name, value]) => keyIn(name, value)).filter((key): key is string => key !== undefined && POSSIBLE.test(key))
}

/** A key is as good as its owner's password: none reaches an app, not even one that looks like a key and is dead. */
export function carriesKey (name: string, value: string, known: ReadonlySet<string>): boolean {
  const key = keyIn(name, value)
  return key !== undefined && (OURS.test(key) || known.has(key))
}
