import { decodeCursor, type Cursor } from '../db/page.ts'
import { errors } from '../errors.ts'

/** Where a list goes on, if it does. Throws BAD_REQUEST for what no list has given. */
export function readCursor (text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined
  const cursor = decodeCursor(text)
  if (cursor === undefined) throw invalidCursor()
  return cursor
}

export function invalidCursor (): Error {
  return new errors.BAD_REQUEST('The cursor is invalid. Leave it out to begin with the first page')
}
