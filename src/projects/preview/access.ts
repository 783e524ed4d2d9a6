import type { IncomingMessage } from 'node:http'
import type { ProjectRole } from '../core/roles.ts'
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
  | { readonly kind: 'granted', readonly project: PreviewedProject, readonly principal: P | undefined, readonly role: ProjectRole | null }
  | { readonly kind: 'unauthenticated' | 'not_found' | 'foreign_origin' }

interface Member<P> {
  readonly principal: P
  readonly role: ProjectRole
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Who may see a preview: whoever has a role in its project, by key or by the cookie of the handover, and everybody if it is public. What is
 * answered to anybody else depends on whether a key came along, and neither on the key nor on whether there is such a
 * project. A WebSocket is asked for exactly like a page. Throws RATE_LIMITED.
 */
export function createAccess<P extends { readonly userId: string }> ({ find, roleOf, identities, grants, limits }: {
  find: (projectId: string) => Promise<PreviewedProject | undefined>
  /** Of whoever is not the owner. */
  roleOf: (userId: string, projectId: string) => Promise<ProjectRole | null>
  identities: Identities<P>
  grants: Grants
  limits: PreviewLimits
}) {
  async function memberOf (project: PreviewedProject, projectId: string, principal: P | undefined): Promise<Member<P> | undefined> {
    if (principal === undefined) return undefined
    const role = principal.userId === project.userId ? 'owner' : await roleOf(principal.userId, projectId)
    return role === null ? undefined : { principal, role }
  }

  async function findGranted (sessionIds: ReadonlySet<string>, project: PreviewedProject, projectId: string): Promise<Member<P> | undefined> {
    for (const sessionId of sessionIds) {
      const member = await memberOf(project, projectId, await identities.bySession(sessionId))
      if (member !== undefined) return member
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

  async function granted (project: PreviewedProject, { principal, role }: Member<P>): Promise<Access<P>> {
    await limits.countUser(principal.userId)
    return { kind: 'granted', project, principal, role }
  }

  return async (request: IncomingMessage, address: PreviewAddress, ownOrigin: string): Promise<Access<P>> => {
    const key = presentedKey(request.rawHeaders)
    // Sealed by ourselves: who has none of these and no key is a stranger before anything is looked up.
    const sessionIds = new Set(presentedGrants(request.headers.cookie).map((value) => grants.read(address, value)).filter((id) => id !== undefined))
    if (sessionIds.size === 0) await (key === undefined ? limits.countStranger(request) : refuseExceeded(request, key))
    const project = await find(address.projectId)
    const byCookie = project === undefined ? undefined : await findGranted(sessionIds, project, address.projectId)
    if (project !== undefined && byCookie !== undefined && comesFromOwnPage(request, ownOrigin)) return await granted(project, byCookie)
    if (project?.audience === 'public') {
      if (sessionIds.size > 0 || key !== undefined) await limits.countStranger(request)
      return { kind: 'granted', project, principal: undefined, role: null }
    }
    const byKey = key === undefined || project === undefined ? undefined : await memberOf(project, address.projectId, await identities.byKey(key))
    if (project !== undefined && byKey !== undefined) return await granted(project, byKey)
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
