import { credentialOf, type CredentialId, type Principal } from './principal.ts'

export interface Revocations {
  /** Calls back once, when the credential is revoked on any server, or expires. Returns how to stop watching. */
  readonly watch: (principal: Principal, callback: () => void) => () => void
  readonly watched: () => CredentialId[]
  /** The credential is dead: tells whoever watches it. */
  readonly apply: (credential: CredentialId) => void
  readonly close: () => void
}

// setTimeout takes no longer delay than this.
const TIMER_MAX_MS = 2 ** 31 - 1

interface Watch {
  readonly callback: () => void
  timer: NodeJS.Timeout | undefined
}

/** Who has to know at once when a credential dies, such as an open WebSocket. */
export function createRevocations (): Revocations {
  const watches = new Map<CredentialId, Set<Watch>>()

  function end (credential: CredentialId, watch: Watch): boolean {
    clearTimeout(watch.timer)
    const set = watches.get(credential)
    const wasWatching = set?.delete(watch) ?? false
    if (set?.size === 0) watches.delete(credential)
    return wasWatching
  }

  function fire (credential: CredentialId, watch: Watch): void {
    if (end(credential, watch)) watch.callback()
  }

  function arm (credential: CredentialId, watch: Watch, expiresAt: Date): void {
    const left = expiresAt.getTime() - Date.now()
    watch.timer = setTimeout(() => {
      if (Date.now() >= expiresAt.getTime()) fire(credential, watch)
      else arm(credential, watch, expiresAt)
    }, Math.max(0, Math.min(left, TIMER_MAX_MS))).unref()
  }

  return {
    watch (principal, callback) {
      const credential = credentialOf(principal)
      const watch: Watch = { callback, timer: undefined }
      const set = watches.get(credential) ?? new Set()
      watches.set(credential, set.add(watch))
      if (principal.expiresAt !== null) arm(credential, watch, principal.expiresAt)
      return () => void end(credential, watch)
    },
    watched: () => [...watches.keys()],
    apply (credential) {
      for (const watch of [...watches.get(credential) ?? []]) fire(credential, watch)
    },
    close () {
      for (const [credential, set] of watches) for (const watch of [...set]) end(credential, watch)
    }
  }
}
