import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createAdmission, type Admitted, type AdmissionContext } from './admission.ts'
import type { Connect } from './connect.ts'
import { sendRequest, sendResponse, type Exchange } from './exchange.ts'
import { explainError, explainUnreachable } from './explain.ts'
import type { PreviewServer } from '../../http/front-door.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import type { RoleWatch } from '../core/role-watch.ts'
import type { Listening } from '../lifecycle/status/listening.ts'
import type { Asked } from './own-paths.ts'
import { sendRefusal } from './refusal.ts'
import { UnreachableError } from './unreachable.ts'
import { joinSockets, sendUpgrade } from './upgrade.ts'
import type { Visitors } from './visitors.ts'

export interface PreviewContext<P> extends Omit<AdmissionContext<P>, 'countVisitors'> {
  readonly headersTimeoutMs: number
  /** Keeps the client's own X-Forwarded-For: a proxy of the operator's wrote it. */
  readonly isBehindProxy: boolean
  readonly connect: Connect
  readonly listening: Listening
  readonly visitors: Visitors
  readonly onRevoked: (principal: P, callback: () => void) => () => void
  readonly roles: Pick<RoleWatch, 'watch'>
  readonly isSessionToken: (value: string) => boolean
  readonly isPredefinedKey: (key: string) => boolean
  readonly touch: (projectId: string) => void
  readonly log: {
    readonly info: (fields: object, message: string) => void
    readonly error: (fields: object, message: string) => void
  }
}

/** A request, and what has become of it so far. */
interface Visit<P> {
  readonly asked: Asked
  admitted: Admitted<P> | undefined
}

const LISTENING_DEADLINE_MS = 2_000

/** Serves what is asked under previews' names. */
export function createPreviewServer<P extends { readonly userId: string }> (context: PreviewContext<P>): PreviewServer {
  const { protocol, connect, listening, visitors, touch, log } = context
  const admission = createAdmission({ ...context, countVisitors: visitors.count })

  /** Connects to the app for as long as the work takes, the client stays and its credential lives. */
  async function withApp (asked: Asked, admitted: Admitted<P>, client: { readonly destroyed: boolean, destroy: () => void }, onGone: (callback: () => void) => void, work: (socket: Duplex) => Promise<void>): Promise<void> {
    const { projectId, port } = asked.address
    const { project: { hostPort }, containerId, principal, role } = admitted
    let socket: Duplex | undefined
    const close = (): void => {
      socket?.destroy()
      client.destroy()
    }
    const leave = visitors.enter({ projectId, isAnonymous: principal === undefined, close })
    const forget = principal === undefined ? undefined : context.onRevoked(principal, close)
    const stopWatching = principal === undefined || role === null ? undefined : context.roles.watch({ userId: principal.userId, projectId, role }, close)
    onGone(() => socket?.destroy())
    try {
      socket = await connect({ containerId, port, hostPort })
      // Only now: a page that looks again and again for an app that is not there keeps no project alive.
      touch(projectId)
      if (!client.destroyed) await work(socket)
    } finally {
      socket?.destroy()
      leave()
      forget?.()
      stopWatching?.()
    }
  }

  function exchangeOf (request: IncomingMessage, { address: { projectId, port }, ownOrigin }: Asked, socket: Duplex, upgrade?: string): Exchange {
    const { remoteAddress = '' } = request.socket
    const forwarded = context.isBehindProxy ? request.headers['x-forwarded-for'] : undefined
    const headers = requestHeaders(request, {
      port,
      ownOrigin,
      protocol,
      clientAddress: forwarded === undefined ? remoteAddress : `${String(forwarded)}, ${remoteAddress}`,
      isSessionToken: context.isSessionToken,
      isPredefinedKey: context.isPredefinedKey
    }, upgrade)
    return { request, socket, headers, headersTimeoutMs: context.headersTimeoutMs, onBytes: () => touch(projectId) }
  }

  const rewritten = (answer: IncomingMessage, { address: { port }, ownOrigin, requestId }: Asked): string[] =>
    responseHeaders(answer.rawHeaders, { port, ownOrigin, requestId })

  async function serveRequest (request: IncomingMessage, response: ServerResponse, visit: Visit<P>): Promise<void> {
    const { asked } = visit
    const admitted = visit.admitted = await admission.admit(request, response, asked)
    if (admitted === undefined) return
    await withApp(asked, admitted, response, (callback) => response.once('close', callback), async (socket) => {
      const exchange = exchangeOf(request, asked, socket)
      const answer = await sendRequest(exchange)
      await sendResponse(answer, response, rewritten(answer, asked), exchange.onBytes)
    })
  }

  async function serveUpgrade (request: IncomingMessage, response: ServerResponse, client: Duplex, clientHead: Buffer, visit: Visit<P>): Promise<void> {
    const { asked } = visit
    const admitted = visit.admitted = await admission.admit(request, response, asked)
    if (admitted === undefined) return
    await withApp(asked, admitted, client, (callback) => client.once('close', callback), async (socket) => {
      const exchange = exchangeOf(request, asked, socket, 'websocket')
      const outcome = await sendUpgrade(exchange)
      const headers = rewritten(outcome.answer, asked)
      if (outcome.kind === 'refused') {
        await sendResponse(outcome.answer, response, headers, exchange.onBytes)
      } else {
        response.detachSocket(request.socket)
        response.statusCode = 101
        await joinSockets({ client, clientHead, socket: outcome.socket, socketHead: outcome.head, headers, onBytes: exchange.onBytes })
      }
    })
  }

  /** Tells what went wrong, if there is still somebody to tell and nothing of an answer has been sent. */
  async function explainFailure (error: unknown, request: IncomingMessage, response: ServerResponse, { asked, admitted }: Visit<P>): Promise<void> {
    const { requestId, address: { projectId, port } } = asked
    if (response.headersSent || response.destroyed || response.socket === null) {
      response.destroy()
      return
    }
    if (!(error instanceof UnreachableError)) {
      const refusal = explainError(error)
      if (refusal.statusCode >= 500) log.error({ err: error, requestId, projectId }, 'preview failed')
      sendRefusal(request, response, requestId, refusal)
      return
    }
    sendRefusal(request, response, requestId, explainUnreachable(error, port, await listeningNow(error, admitted)))
  }

  /** Best effort, for whoever may know: the page is of use without it too. */
  async function listeningNow ({ reason }: UnreachableError, admitted: Admitted<P> | undefined) {
    if (admitted?.role == null || reason === 'stuck') return []
    return await listening(admitted.containerId, AbortSignal.timeout(LISTENING_DEADLINE_MS)).catch(() => [])
  }

  function serve (request: IncomingMessage, response: ServerResponse, work: (visit: Visit<P>) => Promise<void>): void {
    const asked = admission.read(request)
    if (!('address' in asked)) {
      sendRefusal(request, response, context.requestIdOf(request.headers), asked)
      return
    }
    answer(request, response, asked, work).catch((err: unknown) => {
      log.error({ err, requestId: asked.requestId }, 'preview failed, and so did its explanation')
      response.destroy()
    })
  }

  async function answer (request: IncomingMessage, response: ServerResponse, asked: Asked, work: (visit: Visit<P>) => Promise<void>): Promise<void> {
    const { requestId, address: { projectId, port } } = asked
    const startedAt = performance.now()
    const visit: Visit<P> = { asked, admitted: undefined }
    try {
      await work(visit)
    } catch (error) {
      await explainFailure(error, request, response, visit)
    }
    const { method } = request
    const { statusCode } = response
    log.info({ requestId, projectId, port, method, statusCode, responseTime: Math.round(performance.now() - startedAt) }, 'preview')
  }

  return {
    request: (request, response) => serve(request, response, async (visit) => await serveRequest(request, response, visit)),
    upgrade (request, socket, head) {
      // What goes wrong with it shows in `close`.
      socket.on('error', () => undefined)
      const response = new ServerResponse(request)
      response.assignSocket(request.socket)
      response.shouldKeepAlive = false
      response.once('finish', () => socket.end())
      const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket'
      serve(request, response, async (visit) => isWebSocket
        ? await serveUpgrade(request, response, socket, head, visit)
        : await serveRequest(request, response, visit))
    }
  }
}
