import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createLoop } from '../../lib/loop.ts'
import { LockedError, lockDirectory } from '../../lib/process-lock.ts'
import type { DatabaseAddress } from '../open.ts'
import { clusterPlace, ensureCluster, SUPERUSER } from './cluster.ts'
import { ensureHome } from './home.ts'
import { outliveOrphan } from './orphan.ts'
import { installPrograms } from './programs.ts'
import { startServer, type ServerLog } from './server.ts'

export interface EmbeddedDatabase {
  readonly address: DatabaseAddress
  readonly stop: () => Promise<void>
}

const RESTART_PAUSE_MS = 500
// sun_path has 108 bytes, one of them for the end.
const SOCKET_PATH_MAX = 107
const SOCKET_NAME = '.s.PGSQL.5432'

/** A PostgreSQL server of our own, in the data directory, on a unix socket. One that dies is started again. */
export async function startEmbeddedDatabase (dataDir: string, log: ServerLog): Promise<EmbeddedDatabase> {
  const home = await ensureHome(dataDir)
  const lock = await lockDirectory(home.directory)
  const programs = await installPrograms(home.programs)
  const { dataDirectory, password } = await ensureCluster(home, { dataDir, initdb: programs.initdb })
  const start = async () => await startServer({ postgres: programs.postgres, dataDirectory, account: home.account, log })

  await outliveOrphan(dataDirectory)
  let server = await start()
  const keeper = createLoop({
    intervalMs: RESTART_PAUSE_MS,
    onError: (error) => log.warn(`the embedded database does not start again: ${String(error)}`),
    work: async (signal) => {
      await Promise.race([server.exited, aborted(signal)])
      if (signal.aborted) return
      log.warn('the embedded database has ended and is started again')
      await outliveOrphan(dataDirectory)
      server = await start()
    }
  })
  keeper.start()

  const socket = await openSocketDirectory(dataDirectory)
  return {
    address: addressAt(socket.path, password),
    async stop () {
      await keeper.stop()
      await server.stop()
      await socket.close()
      await lock.release()
    }
  }
}

/** The one that a Berth of this data directory runs, to work beside it; where none runs, it is started. */
export async function joinEmbeddedDatabase (dataDir: string, log: ServerLog): Promise<EmbeddedDatabase> {
  try {
    return await startEmbeddedDatabase(dataDir, log)
  } catch (error) {
    if (!(error instanceof LockedError)) throw error
    const { dataDirectory, passwordFile } = clusterPlace(await ensureHome(dataDir), dataDir)
    const socket = await openSocketDirectory(dataDirectory)
    return { address: addressAt(socket.path, (await readFile(passwordFile, 'utf8')).trim()), stop: socket.close }
  }
}

const addressAt = (socketDirectory: string, password: string): DatabaseAddress => ({ socketDirectory, user: SUPERUSER, password, database: 'postgres' })

/** A way to the socket that is short enough to connect to: where the directory's own name is too long, through an open descriptor. */
async function openSocketDirectory (directory: string): Promise<{ path: string, close: () => Promise<void> }> {
  if (Buffer.byteLength(path.join(directory, SOCKET_NAME)) <= SOCKET_PATH_MAX) return { path: directory, close: async () => undefined }
  const handle = await open(directory)
  return { path: `/proc/self/fd/${handle.fd}`, close: async () => await handle.close() }
}

async function aborted (signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
