import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { createLineSplitter } from '../../lib/line-splitter.ts'
import { spawnProgram, type Account } from './command.ts'
import { EmbeddedDatabaseError } from './errors.ts'

export interface ServerLog {
  readonly debug: (message: string) => void
  readonly warn: (message: string) => void
}

export interface Server {
  readonly exited: Promise<unknown>
  /** Closes every connection, writes everything out, ends. */
  readonly stop: () => Promise<void>
}

const READY = /database system is ready to accept connections/
const STOP_DEADLINE_MS = 10_000

// Enough for one Berth, in some 60 MB: what is not said is PostgreSQL's own default.
const SETTINGS: Readonly<Record<string, string>> = {
  // The directory it works in, its data directory: only its owner gets that far, and no path is too long for it.
  unix_socket_directories: '.',
  listen_addresses: '',
  shared_buffers: '32MB',
  max_connections: '100',
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_worker_processes: '2',
  max_parallel_workers: '0',
  max_parallel_workers_per_gather: '0',
  max_logical_replication_workers: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // What it logs comes to rest in our log: no statements, and no values of rows.
  log_line_prefix: '',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse'
}

/** Starts postgres and waits until it takes connections. */
export async function startServer ({ postgres, dataDirectory, account, log }: {
  postgres: string
  dataDirectory: string
  account: Account | undefined
  log: ServerLog
}): Promise<Server> {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawnProgram(postgres, ['-D', dataDirectory, ...settings], { account, cwd: dataDirectory })
  const exited = once(child, 'exit')
  await waitUntilReady(child, exited, log)
  return { exited, stop: async () => await stop(child, exited) }
}

async function waitUntilReady (child: ChildProcess, exited: Promise<unknown>, log: ServerLog): Promise<void> {
  let lastComplaint = 'it said nothing'
  const ready = new Promise<void>((resolve) => {
    const lines = createLineSplitter((line) => {
      if (READY.test(line)) resolve()
      // An ERROR is a refused query, which whoever made it is told.
      if (!/^(WARNING|FATAL|PANIC):/.test(line)) return log.debug(line)
      lastComplaint = line
      log.warn(line)
    })
    child.stderr?.setEncoding('utf8').on('data', lines.write).on('end', lines.end)
  })
  const failed = exited.then(() => { throw new EmbeddedDatabaseError(`the embedded database does not start: ${lastComplaint}`) })
  await Promise.race([ready, failed])
}

async function stop (child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  // PostgreSQL's "fast" and "immediate" shutdowns; after the second one the next start recovers from the log.
  child.kill('SIGINT')
  const impatient = setTimeout(() => child.kill('SIGQUIT'), STOP_DEADLINE_MS)
  await exited
  clearTimeout(impatient)
}
