import type { ServerChannel, Session } from 'ssh2'
import type { FastifyBaseLogger } from 'fastify'
import { errors } from '../../errors.ts'
import { describeError } from '../../http/describe-error.ts'
import type { ScreenSize } from '../../sandbox/agent-protocol.ts'
import { may, type ProjectRole } from '../core/roles.ts'
import type { Lane, Line } from './line.ts'
import { sendExit, type Program, type Request } from './program.ts'

export interface SessionOptions {
  readonly projectId: string
  readonly role: ProjectRole
  readonly line: Line
  readonly run: (lane: Lane, request: Request) => Program
  /** Serves files until the client ends it. */
  readonly serveFiles: (lane: Lane) => Promise<void>
  readonly onClosed: () => void
  readonly log: Pick<FastifyBaseLogger, 'info' | 'error'>
}

const MOST_COLUMNS = 1000
const ENVIRONMENT = { count: 64, bytes: 16 * 1024 }
// The image has other locales than the client's machine.
const LEFT_OUT = /^(LANG|LANGUAGE|LC_.*|BERTH_.*)$/
const FAILED = { exitCode: 255, signal: undefined }

/** One channel: a shell, a command, or files. */
export function serveSession (session: Session, { projectId, role, line, run, serveFiles, onClosed, log }: SessionOptions): void {
  const env: Record<string, string> = {}
  const refused = new Set<string>()
  let envBytes = 0
  let size: ScreenSize | undefined
  let program: Program | undefined

  async function perform (lane: Lane, command: string | undefined): Promise<void> {
    if (!may(role, 'edit')) throw new errors.VIEW_ONLY()
    // Whoever has this in their configuration for all hosts does not want to read it with each command.
    if (size !== undefined && command === undefined) for (const what of refused) await say(lane, `${what} is not forwarded here`)
    program = run(lane, { projectId, command, env, size })
    sendExit(lane.channel, await program.ended)
  }

  async function say ({ send }: Lane, message: string): Promise<void> {
    await send(Buffer.from(`berth: ${message}${size === undefined ? '' : '\r'}\n`), 'stderr')
  }

  /** Does the work on the channel, which ends with it. */
  function begin (channel: ServerChannel | undefined, work: (lane: Lane) => Promise<void>): void {
    // The session has ended before it has begun.
    if (channel === undefined) return
    const lane = line.open(channel)
    lane.closed.addEventListener('abort', onClosed, { once: true })
    work(lane).catch(async (error: unknown) => {
      if (lane.closed.aborted) return
      const { statusCode, code, message } = describeError(error)
      if (statusCode >= 500 && statusCode !== 503) log.error({ err: error, code, projectId }, 'SSH session failed')
      await say(lane, message)
      sendExit(channel, FAILED)
    }).catch((err: unknown) => log.info({ err }, 'SSH session could not be told why it failed'))
  }

  session.on('env', (accept, reject, { key, val }) => {
    envBytes += key.length + val.length
    const isTaken = envBytes <= ENVIRONMENT.bytes && Object.keys(env).length < ENVIRONMENT.count && /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !val.includes('\0') && !LEFT_OUT.test(key)
    if (isTaken) env[key] = val
    answer(isTaken, accept, reject)
  })
  session.on('pty', (accept, _reject, { cols, rows, term }) => {
    size = toSize(cols, rows)
    if (/^[\w.+-]{1,64}$/.test(term)) env.TERM = term
    accept?.()
  })
  session.on('window-change', (accept, _reject, { cols, rows }) => {
    if (size !== undefined) program?.resize(size = toSize(cols, rows))
    accept?.()
  })
  session.on('signal', (accept, _reject, { name }) => {
    program?.signal(name)
    accept?.()
  })
  session.on('auth-agent', (_accept, reject) => {
    refused.add('The agent of your keys')
    reject?.()
  })
  session.on('x11', (_accept, reject) => {
    refused.add('X11')
    reject?.()
  })
  session.on('shell', (accept) => begin(accept(), async (lane) => await perform(lane, undefined)))
  session.on('exec', (accept, _reject, { command }) => begin(accept(), async (lane) => await perform(lane, command)))
  session.on('subsystem', (accept, reject, { name }) => {
    if (name !== 'sftp') {
      reject?.()
      return
    }
    begin(accept(), async (lane) => {
      await serveFiles(lane)
      sendExit(lane.channel, { exitCode: 0, signal: undefined })
    })
  })
  session.on('close', onClosed)
}

function answer (isTaken: boolean, accept: (() => void) | undefined, reject: (() => void) | undefined): void {
  if (isTaken) accept?.()
  else reject?.()
}

function toSize (cols: number, rows: number): ScreenSize {
  const within = (wanted: number, usual: number): number => wanted === 0 ? usual : Math.min(wanted, MOST_COLUMNS)
  return { cols: within(cols, 80), rows: within(rows, 24) }
}
