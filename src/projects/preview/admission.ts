import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { errors } from '../../errors.ts'
import { may, type ProjectRole } from '../core/roles.ts'
import type { Access } from './access.ts'
import { parsePreviewHost, type PreviewAddress } from './address.ts'
import { explainAtRest, explainError } from './explain.ts'
import type { Asked, createOwnPaths } from './own-paths.ts'
import { sendRefusal, type Refusal } from './refusal.ts'
import type { PreviewedProject } from './repo.ts'

/** Of one project; what is beyond would take the server's descriptors from everybody else. */
const VISITORS_PER_PROJECT = 256

export interface Admitted<P> {
  readonly project: PreviewedProject
  readonly containerId: string
  readonly principal: P | undefined
  /** Null for anybody who looks at what is public. */
  readonly role: ProjectRole | null
}

export interface AdmissionContext<P> {
  readonly domain: string
  readonly protocol: 'http' | 'https'
  readonly requestIdOf: (headers: IncomingHttpHeaders) => string
  readonly visit: (request: IncomingMessage, address: PreviewAddress, ownOrigin: string) => Promise<Access<P>>
  readonly ownPaths: ReturnType<typeof createOwnPaths>
  /** Counts somebody of whom nothing is known. Throws RATE_LIMITED. */
  readonly countStranger: (request: IncomingMessage) => Promise<void>
  readonly countVisitors: (projectId: string) => number
}

/** Everything that comes before the app. */
export function createAdmission<P> ({ domain, protocol, requestIdOf, visit, ownPaths, countStranger, countVisitors }: AdmissionContext<P>) {
  return {
    /** What is asked for, or why nothing can be. */
    read (request: IncomingMessage): Asked | Refusal {
      const [host = '', ...others] = request.headersDistinct.host ?? []
      const address = parsePreviewHost(host, domain)
      // A target with a host of its own would overrule `Host`; only a proxy is asked like that, and we are none.
      if (others.length > 0 || !/^[/*]/.test(request.url ?? '')) return explainError(new errors.BAD_REQUEST('Ask for a path, with one Host'))
      if (address === undefined || address === 'invalid') return explainError(new errors.PREVIEW_NOT_FOUND())
      return { address, host, requestId: requestIdOf(request.headers), ownOrigin: `${protocol}://${host.toLowerCase()}` }
    },

    /** Undefined when the answer has been sent. */
    async admit (request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<Admitted<P> | undefined> {
      const { address, requestId, ownOrigin } = asked
      const refuse = (refusal: Refusal): undefined => { sendRefusal(request, response, requestId, refusal) }
      if (ownPaths.isArrival(request)) {
        await countStranger(request)
        await ownPaths.arrive(request, response, asked)
        return undefined
      }
      if (ownPaths.isAfterArrival(request)) {
        await countStranger(request)
        ownPaths.afterArrival(request, response, asked)
        return undefined
      }
      const access = await visit(request, address, ownOrigin)
      if (access.kind === 'unauthenticated') {
        ownPaths.askToSignIn(request, response, asked)
        return undefined
      }
      if (access.kind !== 'granted') {
        return refuse(explainError(access.kind === 'not_found' ? new errors.PROJECT_NOT_FOUND() : new errors.ORIGIN_NOT_ALLOWED()))
      }
      const { project, role, principal } = access
      const mayStart = may(role, 'edit')
      if (ownPaths.isStart(request) && mayStart) {
        await ownPaths.startProject(response, asked)
        return undefined
      }
      if (project.status !== 'running' || project.containerId === null) return refuse(explainAtRest(project, mayStart))
      if (countVisitors(address.projectId) >= VISITORS_PER_PROJECT) return refuse(explainError(new errors.PREVIEW_BUSY()))
      return { project, containerId: project.containerId, principal, role }
    }
  }
}
