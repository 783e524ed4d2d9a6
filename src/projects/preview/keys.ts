import { KEY_PROTOCOL } from '../../protocols/sockets.ts'
import { pairs, type RawHeaders } from './raw-headers.ts'

const POSSIBLE = /^[A-Za-z0-9_-]{16,256}$/

function keyIn (name: string, value: string): string | undefined {
  const lower = name.toLowerCase()
  if (lower === 'x-api-key') return value.trim()
  if (lower === 'sec-websocket-protocol') return value.split(',').map((part) => part.trim()).find((part) => part.startsWith(KEY_PROTOCOL))?.slice(KEY_PROTOCOL.length)
  return lower === 'authorization' ? /^Bearer +(\S+)$/i.exec(value.trim())?.[1] : undefined
}

/** The one key that counts: that of the first X-API-Key, else of the first Authorization. It may as well be the app's own. */
export function presentedKey (raw: RawHeaders): string | undefined {
  const headers = [...pairs(raw)]
  const first = (wanted: string): string | undefined => {
    const header = headers.find(([name]) => name.toLowerCase() === wanted)
    const key = header === undefined ? undefined : keyIn(...header)
    return key !== undefined && POSSIBLE.test(key) ? key : undefined
  }
  return first('x-api-key') ?? first('authorization')
}

/** A key is as good as its owner's password: none reaches an app, not even one that looks like a key and is dead. */
export function carriesKey (name: string, value: string, isPredefinedKey: (key: string) => boolean): boolean {
  const key = keyIn(name, value)
  return key !== undefined && (key.startsWith('brt_') || isPredefinedKey(key))
}
