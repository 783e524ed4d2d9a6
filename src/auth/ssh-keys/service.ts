import { violatedConstraint } from '../../db/errors.ts'
import type { Database } from '../../db/open.ts'
import { toPage } from '../../db/page.ts'
import { errors } from '../../errors.ts'
import { readCursor } from '../../http/cursor.ts'
import type { Audit } from '../../plugins/audit.ts'
import type { Revoke } from '../accounts/service.ts'
import type { Trace } from '../accounts/sessions.ts'
import { parsePublicKey, showFingerprint } from './public-key.ts'
import { createSshKey, deleteSshKeys, listSshKeys, type SshKeyRow } from './repo.ts'
import type { CreateSshKeyBody } from './schemas.ts'

export type SshKeyService = ReturnType<typeof createSshKeyService>

const PAGE = 50
const MOST_KEYS = 50
const NAME_CHARACTERS = 100

export function createSshKeyService ({ db, revoke, audit }: { db: Database, revoke: Revoke, audit: Audit }) {
  return {
    async create (userId: string, { key, name }: CreateSshKeyBody, trace: Trace): Promise<SshKeyRow> {
      const { type, comment, fingerprint } = parsePublicKey(key)
      const row = await createSshKey(db, { userId, name: name ?? (toName(comment) || type), type, fingerprint }, MOST_KEYS).catch((error: unknown) => {
        throw violatedConstraint(error) === 'ssh_keys_fingerprint' ? new errors.SSH_KEY_TAKEN() : error
      })
      if (row === undefined) throw new errors.SSH_KEY_QUOTA(MOST_KEYS)
      audit({ ...trace, action: 'ssh-key.create', userId, subject: row.id, details: { fingerprint: showFingerprint(fingerprint) } })
      return row
    },

    async list (userId: string, { limit = PAGE, cursor }: { limit?: number, cursor?: string }): Promise<{ rows: SshKeyRow[], nextCursor: string | null }> {
      return toPage(await listSshKeys(db, userId, { limit: limit + 1, cursor: readCursor(cursor) }), limit)
    },

    async remove (userId: string, id: string, trace: Trace): Promise<void> {
      await revoke(async (tx) => {
        const deleted = await deleteSshKeys(tx, userId, id)
        if (deleted.length === 0) throw new errors.SSH_KEY_NOT_FOUND()
        return deleted.map((key) => `ssh:${key}` as const)
      })
      audit({ ...trace, action: 'ssh-key.delete', userId, subject: id })
    }
  }
}

function toName (comment: string): string {
  // eslint-disable-next-line no-control-regex
  return comment.replace(/[\u0000-\u001f\u007f]/g, '').toWellFormed().slice(0, NAME_CHARACTERS).trim()
}
