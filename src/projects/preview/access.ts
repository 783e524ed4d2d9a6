import type { IncomingMessage } from 'node:http'
import type { PreviewAddress } from './address.ts'
import { presentedGrants } from './cookies.ts'
import type { Grants } from './grants.ts'
import { presentedKey } from './keys.ts'
import type { PreviewLimits } from './limits.ts'
import type { PreviewedProject } from './repo.ts'

export interface Identities<P> {
  /** `beforeQuery` is called before the database is asked, and may throw instead. */
  readonly byKey: (key: string, beforeQuery?: () => void) => Promise<P | undefined>
  readonly bySession: (sessionId: string) => Promise<P | undefined>
}

export type Access<P> =
  | { readonly kind: 'granted', readonly project: PreviewedProject, readonly principal: P | undefined, readonly isOwner: boolean }
  | { readonly kind: 'unauthenticated' | 'not_found' | 'foreign_origin' }

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Who may see a preview: its owner, by key or by the cookie of the handover, and everybody if it is public. What is
 * answered to anybody else depends on whether a key came along, and neither on the key nor on whether there is such a
 * project. A WebSocket is asked for exactly like a page. Throws RATE_LIMITED.
 */
export function createAccess<P extends { readonly userId: string }> ({ find, identities, grants, limits }: {
  find: (projectId: string) => Promise<PreviewedProject | undefined>
  identities: Identities<P>
  grants: Grants
  limits: PreviewLimits
}) {
  async function findGranted (sessionIds: ReadonlySet<string>, project: PreviewedProject): Promise<P | undefined> {
    for (const sessionId of sessionIds) {
      const principal = await identities.bySession(sessionId)
      if (principal?.userId === project.userId) return principal
    }
    return undefined
  }

  /** Of a client that was told so, only a key that is known without the database goes on. */
  async function refuseExceeded (request: IncomingMessage, key: string): Promise<void> {
    try {
      limits.refuseExceeded(request)
    } catch (refusal) {
      const principal = await identities.byKey(key, () => { throw refusal })
      if (principal === undefined) throw refusal
    }
  }

  async function owned (project: PreviewedProject, principal: P): Promise<Access<P>> {
    await limits.countUser(principal.userId)
    return { kind: 'granted', project, principal, isOwner: true }
  }

  return async (request: IncomingMessage, address: PreviewAddress, ownOrigin: string): Promise<Access<P>> => {
    const key = presentedKey(request.rawHeaders)
    // Sealed by ourselves: who has none of these and no key is a stranger before anything is looked up.
    const sessionIds = new Set(presentedGrants(request.headers.cookie).map((value) => grants.read(address, value)).filter((id) => id !== undefined))
    if (sessionIds.size === 0) await (key === undefined ? limits.countStranger(request) : refuseExceeded(request, key))
    const project = await find(address.projectId)
    const byCookie = project === undefined ? undefined : await findGranted(sessionIds, project)
    if (project !== undefined && byCookie !== undefined && comesFromOwnPage(request, ownOrigin)) return await owned(project, byCookie)
    if (project?.audience === 'public') {
      if (sessionIds.size > 0 || key !== undefined) await limits.countStranger(request)
      return { kind: 'granted', project, principal: undefined, isOwner: false }
    }
    const byKey = key === undefined || project === undefined ? undefined : await identities.byKey(key)
    if (project !== undefined && byKey?.userId === project.userId) return await owned(project, byKey)
    if (sessionIds.size > 0 || key !== undefined) await limits.countStranger(request)
    if (byCookie !== undefined) return { kind: 'foreign_origin' }
    return { kind: key === undefined ? 'unauthenticated' : 'not_found' }
  }
}

/**
 * The cookie comes along whatever page makes the browser ask, since SameSite does not tell subdomains apart, and the app
 * is told that the request comes from itself: so all that could change or read something must come from the preview's own
 * pages. To follow a link from anywhere to a page is fine.
 */
export function comesFromOwnPage ({ method = 'GET', headers }: IncomingMessage, ownOrigin: string): boolean {
  const { origin, upgrade, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
  if (origin !== undefined) return origin.toLowerCase() === ownOrigin
  if (!SAFE_METHODS.has(method) || upgrade !== undefined) return false
  return site === undefined || site === 'same-origin' || site === 'none' || mode === 'navigate'
}
