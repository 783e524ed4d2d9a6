import { BERTH_V1 } from '../protocols/sockets.ts'
import { TERM_V1 } from '../protocols/terminal.ts'
import { createSockets, type SocketClass } from './connection/open-socket.ts'
import { onWake } from './connection/wake.ts'
import { followEvents, type BerthEvent, type FollowOptions } from './events/follow.ts'
import { openConnection, type Connection, type ConnectionOptions } from './files/connection.ts'
import { fileUrl } from './files/paths.ts'
import { createRest, type Rest, type RestOptions } from './rest/client.ts'
import { ApiError } from './rest/error.ts'
import type { Answer, Given } from './rest/request.ts'
import { joinRun, type Run, type RunOptions } from './runs/session.ts'
import { processPath, terminalPath } from './terminal/address.ts'
import { openSession, type Attachment, type Session, type SessionOptions } from './terminal/session.ts'

export interface BerthOptions extends Omit<RestOptions, 'origin'> {
  /** Where Berth is, such as `https://berth.example`; without it, where the page is from. */
  readonly url?: string
  /** Where there is none, as in Node before 22: that of the package `ws`. */
  readonly WebSocket?: SocketClass
}

export type Program = Given<'POST /api/execute'>['body']
type WithoutConnect<Options> = Omit<Options, 'connect'>

export type TerminalOptions = Partial<WithoutConnect<SessionOptions>> & Pick<SessionOptions, 'write'>
export type FilesOptions = Partial<WithoutConnect<ConnectionOptions>>

export interface Berth extends Pick<Rest, 'call' | 'send'> {
  /** Runs a program to its end. */
  readonly execute: (program: Program, signal?: AbortSignal) => Promise<Extract<Answer<'POST /api/execute'>, { output: string }>>
  /** Starts a program to talk with. */
  readonly run: (program: Program, options?: WithoutConnect<RunOptions>) => Promise<Run>
  /** Joins a run that is there already: its whole output comes again. */
  readonly joinRun: (sessionId: string, options?: WithoutConnect<RunOptions>) => Run
  /** A shell in a project, which is started if need be. */
  readonly terminal: (projectId: string, options: TerminalOptions) => Session
  /** The output of a process in a project, and what it reads. */
  readonly process: (projectId: string, processId: string, options: TerminalOptions) => Session
  /** Requests about a project's files, and what changes in them. */
  readonly files: (projectId: string, options?: FilesOptions) => Connection
  /** A file's bytes. */
  readonly readFile: (projectId: string, path: string) => Promise<Response>
  /** Writes a file of any size; over the version `ifMatch` only, or where nothing is with `ifNoneMatch: '*'`. Returns its etag. */
  readonly writeFile: (projectId: string, path: string, content: BodyInit, condition?: { ifMatch?: string, ifNoneMatch?: '*' }) => Promise<string>
  /** What changes in your projects, as it happens. */
  readonly events: (options?: FollowOptions) => AsyncGenerator<BerthEvent, void>
}

const SIZE = { cols: 80, rows: 24 }
const ignore = (): void => undefined

/** Everything that speaks with one Berth. Connections come back by themselves; what they are woken by is seen to. */
export function createBerth ({ url, WebSocket, ...options }: BerthOptions = {}): Berth {
  const origin = originOf(url)
  const rest = createRest({ ...options, origin })
  const openSocket = createSockets({ origin, key: options.key, WebSocket })

  function awake<T extends { readonly wake: () => void, close: () => void }> (connection: T): T {
    const sleep = onWake(connection.wake)
    const { close } = connection
    connection.close = () => {
      sleep()
      close()
    }
    return connection
  }

  function session (path: (attachment: Attachment) => string, given: TerminalOptions): Session {
    return awake(openSession({
      terminal: undefined, size: SIZE, onState: ignore, onSize: ignore, onAttached: ignore, onLost: ignore, ...given,
      connect: (attachment) => openSocket(path(attachment), TERM_V1)
    }))
  }

  function join (sessionId: string, given: WithoutConnect<RunOptions> = {}): Run {
    const path = `/api/execute/${encodeURIComponent(sessionId)}`
    return awake(joinRun({ ...given, connect: (since) => openSocket(`${path}?since=${since}`, BERTH_V1) }))
  }

  function file (projectId: string, path: string): string {
    const found = fileUrl(projectId, path)
    if (found === undefined) throw new ApiError({ status: 0, code: 'BAD_PATH', message: 'No URL can carry a name that is not UTF-8.' })
    return found
  }

  return {
    call: rest.call,
    send: rest.send,
    execute: async (body, signal) => await rest.call('POST /api/execute', { body: { ...body, interactive: false }, ...(signal === undefined ? {} : { signal }) }) as never,
    async run (body, given) {
      const { sessionId } = await rest.call('POST /api/execute', { body: { ...body, interactive: true } })
      return join(sessionId, given)
    },
    joinRun: join,
    terminal: (projectId, given) => session((attachment) => terminalPath(projectId, attachment), given),
    process: (projectId, processId, given) => session((attachment) => processPath(projectId, processId, attachment), given),
    files: (projectId, given = {}) => awake(openConnection({
      onState: ignore, onNotice: ignore, ...given,
      connect: () => openSocket(`/projects/${encodeURIComponent(projectId)}/files`, BERTH_V1)
    })),
    readFile: async (projectId, path) => await rest.send('GET', file(projectId, path)),
    async writeFile (projectId, path, body, { ifMatch, ifNoneMatch } = {}) {
      const headers = new Headers({ 'Content-Type': 'application/octet-stream' })
      if (ifMatch !== undefined) headers.set('If-Match', ifMatch)
      if (ifNoneMatch !== undefined) headers.set('If-None-Match', ifNoneMatch)
      const response = await rest.send('PUT', file(projectId, path), { body, headers })
      return response.headers.get('etag') ?? ''
    },
    events: (given) => followEvents(rest, given)
  }
}

function originOf (url: string | undefined): string {
  if (url !== undefined) return new URL(url).origin
  const { location } = globalThis as { readonly location?: { readonly origin: string } }
  if (location === undefined) throw new TypeError('Say where Berth is: createBerth({ url: "https://berth.example" })')
  return location.origin
}
