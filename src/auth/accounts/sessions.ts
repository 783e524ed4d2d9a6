import type { Database } from '../../db/open.ts'
import type { AuditEvent } from '../../plugins/audit.ts'
import { createSession, type SessionRow, type UserRow } from './repo.ts'

export type Trace = Required<Pick<AuditEvent, 'requestId' | 'ip'>>

/** What a browser comes with that is to be signed in. */
export interface Visit {
  readonly trace: Trace
  readonly userAgent: string | null
}

export interface SignedIn {
  readonly user: UserRow
  readonly session: SessionRow
}

/** Signs a browser in as somebody who has shown who they are. */
export type OpenSession = (user: UserRow, visit: Visit) => Promise<SignedIn>

const LIFETIME_MS = 7 * 86_400_000
const USER_AGENT_MAX = 256

export function createOpenSession (db: Database): OpenSession {
  return async (user, { trace, userAgent }) => {
    const expiresAt = new Date(Date.now() + LIFETIME_MS)
    return { user, session: await createSession(db, { userId: user.id, expiresAt, ip: trace.ip, userAgent: userAgent?.slice(0, USER_AGENT_MAX) ?? null }) }
  }
}
