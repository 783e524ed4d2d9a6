import { hashApiKey } from './api-key.ts'
import { credentialOf, isExpired, type CredentialId, type Principal } from './principal.ts'

export interface Authenticator {
  /** `beforeQuery` is called before the database is asked, and may throw instead. */
  readonly byKey: (key: string, beforeQuery?: () => void) => Promise<Principal | undefined>
  readonly bySession: (sessionId: string, beforeQuery?: () => void) => Promise<Principal | undefined>
  /** Whose key it is; that somebody has it remains to be seen. */
  readonly bySshKey: (fingerprint: Buffer) => Promise<Principal | undefined>
  /** The credential is dead, whatever was read of it before. */
  readonly forget: (credential: CredentialId) => void
  readonly forgetAll: () => void
}

export interface CredentialStore {
  readonly findKey: (hash: Buffer) => Promise<Principal | undefined>
  readonly findSession: (sessionId: string) => Promise<Principal | undefined>
  readonly findSshKey: (fingerprint: Buffer) => Promise<Principal | undefined>
}

const CAPACITY = 10_000

/**
 * Finds out who a credential belongs to. What was found is remembered for as long as `isCurrent`, that is while every
 * server would tell us of a credential that dies.
 */
export function createAuthenticator ({ store, isCurrent, now = Date.now }: {
  store: CredentialStore
  isCurrent: () => boolean
  now?: () => number
}): Authenticator {
  const known = new Map<string, Principal>()
  // Counted up by every death: what was read before one may be of the dead.
  let deaths = 0

  async function lookUp (name: string, find: () => Promise<Principal | undefined>, beforeQuery: () => void = () => undefined): Promise<Principal | undefined> {
    const remembered = isCurrent() ? known.get(name) : undefined
    if (remembered !== undefined) return isExpired(remembered, now()) ? undefined : remembered
    beforeQuery()
    const before = deaths
    const principal = await find()
    if (principal === undefined || isExpired(principal, now())) return undefined
    if (isCurrent() && before === deaths) remember(name, principal)
    return principal
  }

  function remember (name: string, principal: Principal): void {
    const oldest = known.keys().next()
    if (known.size >= CAPACITY && oldest.done === false) known.delete(oldest.value)
    known.set(name, principal)
  }

  return {
    async byKey (key, beforeQuery) {
      const hash = hashApiKey(key)
      return await lookUp(hash.toString('base64'), async () => await store.findKey(hash), beforeQuery)
    },
    bySession: async (sessionId, beforeQuery) => await lookUp(sessionId, async () => await store.findSession(sessionId), beforeQuery),
    bySshKey: async (fingerprint) => await lookUp(`ssh:${fingerprint.toString('base64')}`, async () => await store.findSshKey(fingerprint)),
    forget (credential) {
      deaths++
      for (const [name, principal] of known) if (credentialOf(principal) === credential) known.delete(name)
    },
    forgetAll () {
      deaths++
      known.clear()
    }
  }
}
