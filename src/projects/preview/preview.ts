import { ServerResponse, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { errors } from '../../errors.ts'
import type { Visit } from './access.ts'
import { parsePreviewHost, type PreviewAddress } from './address.ts'
import type { Connect } from './connect.ts'
import { sendRequest, sendResponse, type Exchange } from './exchange.ts'
import { explainAtRest, explainError, explainUnreachable } from './explain.ts'
import type { PreviewServer } from './front-door.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import type { Listening } from './listening.ts'
import type { Asked, createOwnPaths } from './own-paths.ts'
import { sendRefusal, type Refusal } from './refusal.ts'
import type { PreviewedProject } from './repo.ts'
import { UnreachableError } from './unreachable.ts'
import { joinSockets, sendUpgrade } from './upgrade.ts'
import type { Visitors } from './visitors.ts'

/** Of one project; what is beyond would take the server's descriptors from everybody else. */
const VISITORS_PER_PROJECT = 256

export interface PreviewContext<P> {
  readonly domain: string
  readonly protocol: 'http' | 'https'
  readonly headersTimeoutMs: number
  /** Keeps the client's own X-Forwarded-For: a proxy of the operator's wrote it. */
  readonly isBehindProxy: boolean
  readonly requestIdOf: (headers: IncomingHttpHeaders) => string
  readonly visit: (request: IncomingMessage, address: PreviewAddress, ownOrigin: string) => Promise<Visit<P>>
  readonly ownPaths: ReturnType<typeof createOwnPaths>
  readonly connect: Connect
  readonly listening: Listening
  readonly visitors: Visitors
  readonly onRevoked: (principal: P, callback: () => void) => () => void
  readonly isSessionToken: (value: string) => boolean
  readonly touch: (projectId: string) => void
  readonly log: {
    readonly info: (fields: object, message: string) => void
    readonly error: (fields: object, message: string) => void
  }
}

interface Admitted<P> {
  readonly project: PreviewedProject
  readonly containerId: string
  readonly principal: P | undefined
  readonly isOwner: boolean
  readonly keys: ReadonlySet<string>
}

/** Serves what is asked under previews' names. */
export function createPreviewServer<P> (context: PreviewContext<P>): PreviewServer {
  const { domain, protocol, ownPaths, connect, listening, visitors, touch, log } = context

  function read (request: IncomingMessage): Asked | Refusal {
    const [host = '', ...others] = request.headersDistinct.host ?? []
    const address = parsePreviewHost(host, domain)
    // A target with a host of its own would overrule `Host`; only a proxy is asked like that, and we are none.
    if (others.length > 0 || !/^[/*]/.test(request.url ?? '')) return explainError(new errors.BAD_REQUEST('Ask for a path, with one Host'))
    if (address === undefined || address === 'invalid') return explainError(new errors.PREVIEW_NOT_FOUND())
    return { address, host, requestId: context.requestIdOf(request.headers), ownOrigin: `${protocol}://${host.toLowerCase()}` }
  }

  /** Everything that comes before the app. Undefined when the answer has been sent. */
  async function admit (request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<Admitted<P> | undefined> {
    const { address, requestId, ownOrigin } = asked
    const refuse = (refusal: Refusal): undefined => { sendRefusal(request, response, requestId, refusal) }
    if (ownPaths.isArrival(request)) {
      await ownPaths.arrive(request, response, asked)
      return undefined
    }
    const { access, keys } = await context.visit(request, address, ownOrigin)
    if (access.kind === 'unauthenticated') {
      ownPaths.askToSignIn(request, response, asked)
      return undefined
    }
    if (access.kind !== 'granted') {
      return refuse(explainError(access.kind === 'not_found' ? new errors.PROJECT_NOT_FOUND() : new errors.ORIGIN_NOT_ALLOWED()))
    }
    const { project, isOwner, principal } = access
    if (ownPaths.isStart(request) && isOwner) {
      await ownPaths.startProject(response, asked)
      return undefined
    }
    if (project.status !== 'running' || project.containerId === null) return refuse(explainAtRest(project, isOwner))
    if (visitors.count(address.projectId) >= VISITORS_PER_PROJECT) return refuse(explainError(new errors.PREVIEW_BUSY()))
    return { project, containerId: project.containerId, principal, isOwner, keys }
  }

  /** Connects to the app for as long as the work takes, the client stays and its credential lives. */
  async function withApp (asked: Asked, admitted: Admitted<P>, client: { readonly destroyed: boolean, destroy: () => void }, onGone: (callback: () => void) => void, work: (socket: Duplex) => Promise<void>): Promise<void> {
    const { projectId, port } = asked.address
    const { project: { hostPort }, containerId, principal } = admitted
    let socket: Duplex | undefined
    const close = (): void => {
      socket?.destroy()
      client.destroy()
    }
    const leave = visitors.enter({ projectId, isAnonymous: principal === undefined, close })
    const forget = principal === undefined ? undefined : context.onRevoked(principal, close)
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
    }
  }

  function exchangeOf (request: IncomingMessage, { address: { projectId, port }, ownOrigin }: Asked, { keys }: Admitted<P>, socket: Duplex, upgrade?: string): Exchange {
    const { remoteAddress = '' } = request.socket
    const forwarded = context.isBehindProxy ? request.headers['x-forwarded-for'] : undefined
    const headers = requestHeaders(request, {
      port,
      ownOrigin,
      protocol,
      clientAddress: forwarded === undefined ? remoteAddress : `${String(forwarded)}, ${remoteAddress}`,
      isSessionToken: context.isSessionToken,
      keys
    }, upgrade)
    return { request, socket, headers, headersTimeoutMs: context.headersTimeoutMs, onBytes: () => touch(projectId) }
  }

  const rewritten = (answer: IncomingMessage, { address: { port }, ownOrigin, requestId }: Asked): string[] =>
    responseHeaders(answer.rawHeaders, { port, ownOrigin, requestId })

  async function serveRequest (request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> {
    const admitted = await admit(request, response, asked)
    if (admitted === undefined) return
    await withApp(asked, admitted, response, (callback) => response.once('close', callback), async (socket) => {
      const exchange = exchangeOf(request, asked, admitted, socket)
      const answer = await sendRequest(exchange)
      await sendResponse(answer, response, rewritten(answer, asked), exchange.onBytes)
    })
  }

  async function serveUpgrade (request: IncomingMessage, response: ServerResponse, client: Duplex, clientHead: Buffer, asked: Asked): Promise<void> {
    const admitted = await admit(request, response, asked)
    if (admitted === undefined) return
    await withApp(asked, admitted, client, (callback) => client.once('close', callback), async (socket) => {
      const exchange = exchangeOf(request, asked, admitted, socket, 'websocket')
      const outcome = await sendUpgrade(exchange)
      const headers = rewritten(outcome.answer, asked)
      if (outcome.kind === 'refused') {
        await sendResponse(outcome.answer, response, headers, exchange.onBytes)
      } else {
        response.detachSocket(request.socket)
        await joinSockets({ client, clientHead, socket: outcome.socket, socketHead: outcome.head, headers, onBytes: exchange.onBytes })
      }
    })
  }

  /** Tells what went wrong, if there is still somebody to tell and nothing of an answer has been sent. */
  async function explainFailure (error: unknown, request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> {
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
    sendRefusal(request, response, requestId, explainUnreachable(error, port, await listeningNow(request, asked)))
  }

  /** Best effort: the page is of use without it too. */
  async function listeningNow (request: IncomingMessage, { address, ownOrigin }: Asked) {
    try {
      const { access } = await context.visit(request, address, ownOrigin)
      if (access.kind !== 'granted' || !access.isOwner || access.project.containerId === null) return []
      return await listening(access.project.containerId)
    } catch {
      return []
    }
  }

  function serve (request: IncomingMessage, response: ServerResponse, work: (asked: Asked) => Promise<void>): void {
    const asked = read(request)
    if (!('address' in asked)) {
      sendRefusal(request, response, context.requestIdOf(request.headers), asked)
      return
    }
    const { requestId, address: { projectId, port } } = asked
    const startedAt = performance.now()
    void work(asked)
      .catch(async (error: unknown) => await explainFailure(error, request, response, asked))
      .then(() => log.info({
        requestId, projectId, port, method: request.method, statusCode: response.statusCode, responseTime: Math.round(performance.now() - startedAt)
      }, 'preview'))
  }

  return {
    request: (request, response) => serve(request, response, async (asked) => await serveRequest(request, response, asked)),
    upgrade (request, socket, head) {
      // What goes wrong with it shows in `close`.
      socket.on('error', () => undefined)
      const response = new ServerResponse(request)
      response.assignSocket(request.socket)
      response.shouldKeepAlive = false
      response.once('finish', () => socket.end())
      const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket'
      serve(request, response, async (asked) => isWebSocket
        ? await serveUpgrade(request, response, socket, head, asked)
        : await serveRequest(request, response, asked))
    }
  }
}
