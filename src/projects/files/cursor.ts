import { invalidCursor } from '../../http/cursor.ts'

/** Opaque to clients: after which path a listing goes on. */
export function encodeCursor (path: Buffer): string {
  return path.toString('base64url')
}

export function decodeCursor (cursor: string): Buffer {
  const path = Buffer.from(cursor, 'base64url')
  if (path.length === 0 || path.includes(0) || path.toString('base64url') !== cursor) {
    throw invalidCursor()
  }
  return path
}
