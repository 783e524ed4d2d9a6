import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors } from '../../errors.ts'
import { localPath } from '../../http/local-path.ts'
import { wantsPage } from '../../http/pages.ts'
import type { PreviewAddress } from './address.ts'
import { grantCookies, presentedGrants } from './cookies.ts'
import { explainError, START_PATH } from './explain.ts'
import type { Grants } from './grants.ts'
import type { Handovers } from './handovers.ts'
import type { Origins } from './origins.ts'
import { sendRedirect, sendRefusal } from './refusal.ts'

/** Where a handover arrives, on the preview's own name. */
export const ARRIVAL_PATH = '/.berth/handover'
/** Where a frame finds out whether the browser has kept the cookie. */
const ARRIVED_PATH = '/.berth/arrived'
/** Where it sets out, on the API's name. */
export const DEPARTURE_PATH = '/preview/handover'

/** A request as a preview sees it. */
export interface Asked {
  readonly address: PreviewAddress
  readonly requestId: string
  /** As the client spelled it. */
  readonly host: string
  readonly ownOrigin: string
}

/** The paths under a preview's name that are ours and not the app's, and the way to them. */
export function createOwnPaths ({ handovers, grants, origins, isSecure, start }: {
  handovers: Handovers
  grants: Grants
  origins: Origins
  isSecure: boolean
  start: (projectId: string) => Promise<unknown>
}) {
  return {
    isArrival: (request: IncomingMessage): boolean => request.method === 'GET' && pathOf(request) === ARRIVAL_PATH,
    isStart: (request: IncomingMessage): boolean => request.method === 'POST' && pathOf(request) === START_PATH,

    /** Exchanges the token for a cookie. */
    async arrive (request: IncomingMessage, response: ServerResponse, { address, requestId }: Asked): Promise<void> {
      const query = new URLSearchParams(request.url?.slice(ARRIVAL_PATH.length + 1))
      const sessionId = await handovers.redeem(address, query.get('token') ?? '')
      if (sessionId === undefined) {
        sendRefusal(request, response, requestId, {
          ...explainError(new errors.HANDOVER_EXPIRED()),
          page: { title: 'This link has been used', link: { label: 'Open the preview', url: '/' } }
        })
        return
      }
      const path = localPath(query.get('path'))
      const next = isFrame(request) ? `${ARRIVED_PATH}?${new URLSearchParams({ path }).toString()}` : path
      sendRedirect(response, requestId, next, { 'Set-Cookie': grantCookies(grants.issue(address, sessionId), isSecure) })
    },

    isAfterArrival: (request: IncomingMessage): boolean => request.method === 'GET' && pathOf(request) === ARRIVED_PATH,

    /** A browser that keeps no cookie for a frame would be sent back and forth until it gives up. */
    afterArrival (request: IncomingMessage, response: ServerResponse, { address, requestId }: Asked): void {
      const path = localPath(new URLSearchParams(request.url?.slice(ARRIVED_PATH.length + 1)).get('path'))
      if (presentedGrants(request.headers.cookie).some((value) => grants.read(address, value) !== undefined)) {
        sendRedirect(response, requestId, path)
        return
      }
      sendRefusal(request, response, requestId, {
        ...explainError(new errors.UNAUTHENTICATED()),
        page: { title: 'This preview cannot be shown inside of another page here', text: 'The browser keeps no cookie for it. It can be opened in a tab.', link: { label: 'Open in a tab', url: path, opensTab: true } }
      })
    },

    /** Sends a browser to the API's name, where it is signed in; everybody else is told to sign in. */
    askToSignIn (request: IncomingMessage, response: ServerResponse, { address, requestId, host }: Asked): void {
      if (request.method !== 'GET' || !wantsPage(request)) {
        sendRefusal(request, response, requestId, explainError(new errors.UNAUTHENTICATED()))
        return
      }
      const query = new URLSearchParams({ project: address.projectId, port: String(address.port), path: localPath(request.url ?? null) })
      sendRedirect(response, requestId, `${origins.api(host)}${DEPARTURE_PATH}?${query.toString()}`)
    },

    async startProject (response: ServerResponse, { address, requestId }: Asked): Promise<void> {
      await start(address.projectId)
      sendRedirect(response, requestId, '/')
    }
  }
}

function isFrame ({ headers: { 'sec-fetch-dest': destination } }: IncomingMessage): boolean {
  return destination === 'iframe' || destination === 'frame'
}

function pathOf ({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? ''
}
