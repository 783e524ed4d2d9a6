import type { Database } from '../../db/open.ts'
import { toPage } from '../../db/page.ts'
import { errors } from '../../errors.ts'
import { readCursor } from '../../http/cursor.ts'
import type { Audit } from '../../plugins/audit.ts'
import type { Revoke } from '../accounts/service.ts'
import type { Trace } from '../accounts/sessions.ts'
import { generateApiKey, hashApiKey, prefixOf } from '../api-key.ts'
import { createKey, deleteKey, findKey, listKeys, type KeyRow } from './repo.ts'
import type { CreateKeyBody } from './schemas.ts'

export interface KeyService {
  readonly create: (userId: string, body: CreateKeyBody, trace: Trace) => Promise<{ row: KeyRow, key: string }>
  readonly list: (userId: string, page: { limit?: number, cursor?: string }) => Promise<{ rows: KeyRow[], nextCursor: string | null }>
  readonly remove: (userId: string, id: string, trace: Trace) => Promise<void>
}

const PAGE = 50

export function createKeyService ({ db, revoke, audit }: { db: Database, revoke: Revoke, audit: Audit }): KeyService {
  return {
    async create (userId, { name, expiresAt }, trace) {
      const expiry = expiresAt === undefined ? null : new Date(expiresAt)
      // Not the other way round: a leap second is a time to the schema and NaN to Date.
      if (expiry !== null && !(expiry.getTime() > Date.now())) throw new errors.BAD_REQUEST('expiresAt must be in the future')
      const key = generateApiKey()
      const row = await createKey(db, { userId, name, hash: hashApiKey(key), prefix: prefixOf(key), expiresAt: expiry })
      audit({ ...trace, action: 'key.create', userId, subject: row.id })
      return { row, key }
    },

    async list (userId, { limit = PAGE, cursor }) {
      return toPage(await listKeys(db, userId, { limit: limit + 1, cursor: readCursor(cursor) }), limit)
    },

    async remove (userId, id, trace) {
      const row = await findKey(db, userId, id)
      if (row === undefined) throw new errors.KEY_NOT_FOUND()
      if (row.isPredefined) throw new errors.KEY_PREDEFINED()
      await revoke(async (tx) => {
        await deleteKey(tx, id)
        return [`key:${id}`]
      })
      audit({ ...trace, action: 'key.delete', userId, subject: id })
    }
  }
}
