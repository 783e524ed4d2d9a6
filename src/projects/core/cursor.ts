import { errors } from '../../errors.ts'
import { isUuid } from '../../lib/uuid.ts'
import type { Position } from './repo.ts'

/** Opaque to clients: where the next page begins. */
export function encodeCursor ({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt.getTime()} ${id}`).toString('base64url')
}

export function decodeCursor (cursor: string): Position {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ')
  const createdAt = new Date(/^\d{1,15}$/.test(time) ? Number(time) : NaN)
  if (Number.isNaN(createdAt.getTime()) || !isUuid(id)) throw new errors.BAD_REQUEST('The cursor is none of this list: leave it out to begin again')
  return { createdAt, id }
}
