import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { realpath } from 'node:fs/promises'
import { createServer } from 'node:net'

export class LockedError extends Error {
  override readonly name = 'LockedError'
}

/**
 * Holds the directory for this process until release, or until the process ends in whatever way: an abstract unix
 * socket leaves no file behind that could be stale. Throws LockedError if another process holds it.
 */
export async function lockDirectory (directory: string): Promise<{ release: () => Promise<void> }> {
  const name = createHash('sha256').update(await realpath(directory)).digest('hex')
  const server = createServer((socket) => socket.destroy())
  server.listen(`\0berth/${name}`)
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new LockedError(`${directory} is in use by another Berth. Stop it, or give this one its own DATA_DIR`)
  }
  server.unref()
  return {
    async release () {
      const closed = once(server, 'close')
      server.close()
      await closed
    }
  }
}
