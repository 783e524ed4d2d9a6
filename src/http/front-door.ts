import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyServerFactory } from 'fastify'
import type { Guard } from './guard.ts'

export interface PreviewServer {
  readonly request: (request: IncomingMessage, response: ServerResponse) => void
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/**
 * Parts previews from the API before Fastify sees anything of a request: under a preview's name there is no route, hook,
 * cookie or limit of the API, and under the API's name no preview. A hook or a host constraint would come too late: Fastify
 * answers bad URLs and unknown methods by itself, and apps have routes of their own that may be called like ours.
 */
export interface FrontDoor {
  readonly serverFactory: FastifyServerFactory
  /** Who serves previews; nobody is listened to before. */
  readonly open: (previews: PreviewServer) => void
  /** Once everybody who handles upgrades has said so to the server. */
  readonly takeUpgrades: (server: Server) => void
}

/** `isPreview` is asked of each value of `Host`. */
export function createFrontDoor (isPreview: (host: string) => boolean, guard: Guard): FrontDoor {
  let previews: PreviewServer | undefined

  function isForPreview ({ rawHeaders }: IncomingMessage): boolean {
    // All of them: of two hosts in one request somebody before us may believe the other one.
    return rawHeaders.some((text, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'host' && isPreview(text))
  }

  return {
    serverFactory (handler, options) {
      const { keepAliveTimeout, connectionTimeout } = options as Record<string, number | undefined>
      const server = createServer(guard.serverOptions, (request, response) => {
        if (!guard.admit(request, response)) return
        if (previews !== undefined && isForPreview(request)) previews.request(request, response)
        else handler(request, response)
      })
      server.keepAliveTimeout = keepAliveTimeout ?? server.keepAliveTimeout
      server.setTimeout(connectionTimeout ?? 0)
      guard.attach(server)
      return server
    },
    open (server) {
      previews = server
    },
    takeUpgrades (server) {
      const others = server.listeners('upgrade') as UpgradeListener[]
      server.removeAllListeners('upgrade')
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (!guard.admitUpgrade(request, socket)) return
        if (previews !== undefined && isForPreview(request)) previews.upgrade(request, socket, head)
        else for (const listener of others) listener.call(server, request, socket, head)
      })
    }
  }
}
