import type { Socket } from 'node:net'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Connection } from 'ssh2'
import type { RoleWatch } from '../core/role-watch.ts'
import { may } from '../core/roles.ts'
import { isOwnHost, type createForwarding } from './forwarding.ts'
import type { Lane, Line } from './line.ts'
import { createSlots } from './slots.ts'
import { serveSession, type SessionOptions } from './session.ts'
import type { createSignIn, Guest } from './sign-in.ts'

export interface ConnectionsOptions {
  readonly auth: Pick<FastifyInstance['auth'], 'onRevoked'>
  readonly roles: Pick<RoleWatch, 'watch'>
  readonly signIn: ReturnType<typeof createSignIn>
  readonly run: SessionOptions['run']
  readonly forward: ReturnType<typeof createForwarding>
  readonly serveFiles: (lane: Lane, context: { guest: Guest, end: () => void }) => Promise<void>
  readonly log: FastifyBaseLogger
}

const PEOPLE = { most: 512, perOwner: 16 }
const CHANNELS = 16
/** Of one that has no channel. */
const IDLE_MS = 3_600_000
/** Between our goodbye and the end. */
const CLOSE_MS = 1_000

/** Connections of people who are signed in, each to one project. */
export function createConnections ({ auth, roles, signIn, run, forward, serveFiles, log }: ConnectionsOptions) {
  const people = createSlots(PEOPLE)
  const byProject = new Map<string, Set<() => void>>()

  function begin (client: Connection, socket: Socket, line: Line, guest: Guest, end: () => void): void {
    const { project: { id: projectId, role } } = guest
    let open = 0
    let idle = setTimeout(end, IDLE_MS).unref()

    /** Undefined where there are too many. */
    function enter (): (() => void) | undefined {
      if (open >= CHANNELS) return undefined
      open++
      clearTimeout(idle)
      let isOpen = true
      return () => {
        if (!isOpen) return
        isOpen = false
        open--
        if (open === 0 && !socket.destroyed) idle = setTimeout(end, IDLE_MS).unref()
      }
    }

    socket.once('close', () => clearTimeout(idle))
    client.on('session', (accept, reject) => {
      const release = enter()
      if (release === undefined) return reject()
      serveSession(accept(), {
        projectId, role, line, run, onClosed: release, log,
        serveFiles: async (lane) => await serveFiles(lane, { guest, end })
      })
    })
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const release = may(role, 'edit') && isOwnHost(destIP) ? enter() : undefined
      if (release === undefined) return reject()
      let isAccepted = false
      forward(projectId, destPort, () => {
        isAccepted = true
        return line.open(accept())
      }).catch((err: unknown) => {
        log.debug({ err, projectId }, 'a connection could not be forwarded')
        if (!isAccepted && !socket.destroyed) reject()
      }).finally(release)
    })
    // Ports of the client's machine are nothing for programs in a project.
    client.on('request', (_accept, reject) => reject?.())
  }

  return {
    serve: async (client: Connection, socket: Socket, line: Line, onSignedIn: () => void): Promise<void> => {
      const { guest, accept } = await signIn(client, socket.remoteAddress ?? '')
      const { principal, project: { id: projectId, role } } = guest
      const { userId } = principal
      const release = people.acquire(userId)
      if (release === undefined || socket.destroyed) {
        release?.()
        client.end()
        return
      }
      onSignedIn()
      const end = (): void => {
        client.end()
        setTimeout(() => socket.destroy(), CLOSE_MS).unref()
      }
      const ends = byProject.get(projectId) ?? new Set()
      byProject.set(projectId, ends.add(end))
      const forget = auth.onRevoked(principal, end)
      const stopWatching = roles.watch({ userId, projectId, role }, end)
      socket.once('close', () => {
        release()
        forget()
        stopWatching()
        ends.delete(end)
        if (ends.size === 0 && byProject.get(projectId) === ends) byProject.delete(projectId)
      })
      begin(client, socket, line, guest, end)
      log.info({ userId, projectId }, 'SSH connection')
      accept()
    },
    /** Of a project that is no more. */
    dismiss: (projectId: string): void => {
      for (const end of [...byProject.get(projectId) ?? []]) end()
    }
  }
}
