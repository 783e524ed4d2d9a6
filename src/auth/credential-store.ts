import { and, eq, gt, inArray, isNull, or } from 'drizzle-orm'
import type { Database } from '../db/open.ts'
import { apiKeys, authSessions, sshKeys, users } from '../db/schema/index.ts'
import type { CredentialStore } from './authenticator.ts'
import type { CredentialId } from './principal.ts'

export interface CredentialRows extends CredentialStore {
  /** Those of the given credentials that are not there any more, or not valid. */
  readonly findDead: (credentials: readonly CredentialId[]) => Promise<CredentialId[]>
}

export function createCredentialStore (db: Database): CredentialRows {
  const isEnabled = isNull(users.disabledAt)
  return {
    async findKey (hash) {
      const [row] = await db
        .select({ keyId: apiKeys.id, userId: users.id, role: users.role, expiresAt: apiKeys.expiresAt })
        .from(apiKeys).innerJoin(users, eq(users.id, apiKeys.userId)).where(and(eq(apiKeys.hash, hash), isEnabled))
      return row === undefined ? undefined : { ...row, via: 'key' }
    },

    async findSession (sessionId) {
      const [row] = await db
        .select({ sessionId: authSessions.id, userId: users.id, role: users.role, expiresAt: authSessions.expiresAt })
        .from(authSessions).innerJoin(users, eq(users.id, authSessions.userId)).where(and(eq(authSessions.id, sessionId), isEnabled))
      return row === undefined ? undefined : { ...row, via: 'cookie' }
    },

    async findSshKey (fingerprint) {
      const [row] = await db
        .select({ sshKeyId: sshKeys.id, userId: users.id, role: users.role })
        .from(sshKeys).innerJoin(users, eq(users.id, sshKeys.userId)).where(and(eq(sshKeys.fingerprint, fingerprint), isEnabled))
      return row === undefined ? undefined : { ...row, expiresAt: null, via: 'ssh' }
    },

    async findDead (credentials) {
      const ids = (kind: string): string[] => credentials.filter((credential) => credential.startsWith(`${kind}:`)).map((credential) => credential.slice(kind.length + 1))
      const now = new Date()
      const [sessions, keys, ssh] = await Promise.all([
        db.select({ id: authSessions.id }).from(authSessions).innerJoin(users, eq(users.id, authSessions.userId)).where(and(isEnabled, inArray(authSessions.id, ids('session')), gt(authSessions.expiresAt, now))),
        db.select({ id: apiKeys.id }).from(apiKeys).innerJoin(users, eq(users.id, apiKeys.userId)).where(and(isEnabled, inArray(apiKeys.id, ids('key')), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now)))),
        db.select({ id: sshKeys.id }).from(sshKeys).innerJoin(users, eq(users.id, sshKeys.userId)).where(and(isEnabled, inArray(sshKeys.id, ids('ssh'))))
      ])
      const living = new Set<string>([...sessions.map(({ id }) => `session:${id}`), ...keys.map(({ id }) => `key:${id}`), ...ssh.map(({ id }) => `ssh:${id}`)])
      return credentials.filter((credential) => !living.has(credential))
    }
  }
}
