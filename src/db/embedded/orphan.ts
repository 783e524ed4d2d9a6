import { readFile, readlink, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedDatabaseError } from './errors.ts'

const POLL_MS = 20
const PATIENCE_MS = 20_000

/**
 * Waits for a server of an earlier Berth to end, which was killed a moment ago: the kernel has told it to shut down. We
 * hold the directory's lock, so that it cannot be anybody else's. A postmaster.pid that was left behind is removed:
 * by now its number may be that of some other program of the same user, and postgres would refuse to start.
 */
export async function outliveOrphan (dataDirectory: string): Promise<void> {
  const pidFile = path.join(dataDirectory, 'postmaster.pid')
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const pid = await readPid(pidFile)
    if (pid === undefined) return
    if (!await livesIn(pid, dataDirectory)) {
      await rm(pidFile, { force: true })
      return
    }
    if (performance.now() > deadline) throw new EmbeddedDatabaseError(`the PostgreSQL server ${pid} of an earlier Berth does not end. Stop it, then start again`)
    await sleep(POLL_MS)
  }
}

async function readPid (pidFile: string): Promise<number | undefined> {
  const content = await readFile(pidFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return ''
  })
  const pid = Number.parseInt(content, 10)
  return Number.isNaN(pid) ? undefined : pid
}

async function livesIn (pid: number, dataDirectory: string): Promise<boolean> {
  // Not there any more, or of another user: then it is not ours.
  return await readlink(`/proc/${pid}/cwd`).catch(() => undefined) === dataDirectory
}
