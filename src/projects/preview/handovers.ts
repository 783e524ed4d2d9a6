import { and, eq, lt, sql } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { previewHandovers } from '../../db/schema/preview-handovers.ts'
import { fromNow } from '../../db/time.ts'
import { generateToken, hashToken } from '../../lib/token.ts'
import type { PreviewAddress } from './address.ts'

/** Long enough for a redirect, too short for a browser's history. */
const LIFETIME_MS = 30_000

/** One-time tokens that carry a sign-in from the API's name to one preview's name. */
export interface Handovers {
  readonly mint: (address: PreviewAddress, sessionId: string) => Promise<string>
  /** The session's id, once; undefined for a token that was used, has expired, is for another preview, or never was. */
  readonly redeem: (address: PreviewAddress, token: string) => Promise<string | undefined>
}

export function createHandovers (db: Database, lifetimeMs = LIFETIME_MS): Handovers {
  return {
    async mint ({ projectId, port }, sessionId) {
      const { token, hash } = generateToken()
      await db.delete(previewHandovers).where(lt(previewHandovers.expiresAt, sql`now()`))
      await db.insert(previewHandovers).values({
        tokenHash: hash,
        sessionId,
        projectId,
        port,
        expiresAt: fromNow(lifetimeMs)
      })
      return token
    },

    async redeem ({ projectId, port }, token) {
      // Whoever deletes it has it; a token that is tried at the wrong preview is spent as well.
      const [row] = await db.delete(previewHandovers).where(eq(previewHandovers.tokenHash, hashToken(token)))
        .returning({
          sessionId: previewHandovers.sessionId,
          isValid: sql<boolean>`${and(
            eq(previewHandovers.projectId, projectId),
            eq(previewHandovers.port, port),
            sql`${previewHandovers.expiresAt} > now()`
          )}`
        })
      return row?.isValid === true ? row.sessionId : undefined
    }
  }
}
