import type { IncomingMessage } from 'node:http'
import type { PreviewAddress } from './address.ts'
import { presentedGrants } from './cookies.ts'
import type { Grants } from './grants.ts'
import { possibleKeys } from './keys.ts'
import type { PreviewedProject } from './repo.ts'

export interface Identities<P> {
  readonly byKey: (key: string) => Promise<P | undefined>
  readonly bySession: (sessionId: string) => Promise<P | undefined>
}

export type Access<P> =
  | { readonly kind: 'granted', readonly project: PreviewedProject, readonly principal: P | undefined, readonly isOwner: boolean }
  | { readonly kind: 'unauthenticated' | 'not_found' | 'foreign_origin' }

export interface Visit<P> {
  readonly access: Access<P>
  /** Berth's own keys among what came with the request. */
  readonly keys: ReadonlySet<string>
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Who may see a preview: its owner, by key or by the cookie of the handover, and everybody if it is public. Somebody else's
 * private one is as one that does not exist. A WebSocket is asked for exactly like a page.
 */
export function createAccess<P extends { readonly userId: string }> ({ find, identities, grants }: {
  find: (projectId: string) => Promise<PreviewedProject | undefined>
  identities: Identities<P>
  grants: Grants
}) {
  async function findKeys (request: IncomingMessage): Promise<Map<string, P>> {
    const found = new Map<string, P>()
    for (const key of possibleKeys(request.rawHeaders)) {
      const principal = await identities.byKey(key)
      if (principal !== undefined) found.set(key, principal)
    }
    return found
  }

  async function findGranted (request: IncomingMessage, address: PreviewAddress, project: PreviewedProject): Promise<P | undefined> {
    for (const value of presentedGrants(request.headers.cookie)) {
      const sessionId = grants.read(address, value)
      const principal = sessionId === undefined ? undefined : await identities.bySession(sessionId)
      if (principal?.userId === project.userId) return principal
    }
    return undefined
  }

  return async (request: IncomingMessage, address: PreviewAddress, ownOrigin: string): Promise<Visit<P>> => {
    const [keyed, project] = await Promise.all([findKeys(request), find(address.projectId)])
    const keys = new Set(keyed.keys())
    const judge = async (): Promise<Access<P>> => {
      const [byKey] = keyed.values()
      if (project === undefined) return { kind: byKey === undefined ? 'unauthenticated' : 'not_found' }
      if (byKey?.userId === project.userId) return { kind: 'granted', project, principal: byKey, isOwner: true }
      const byCookie = await findGranted(request, address, project)
      const isOwnPage = byCookie !== undefined && comesFromOwnPage(request, ownOrigin)
      if (isOwnPage) return { kind: 'granted', project, principal: byCookie, isOwner: true }
      if (project.audience === 'public') return { kind: 'granted', project, principal: undefined, isOwner: false }
      if (byCookie !== undefined) return { kind: 'foreign_origin' }
      return { kind: byKey === undefined ? 'unauthenticated' : 'not_found' }
    }
    return { access: await judge(), keys }
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
