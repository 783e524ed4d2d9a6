import { each } from '../../lib/each.ts'
import { createLoop, type Loop } from '../../lib/loop.ts'

/** Each may take the Engine ten seconds. */
const STOPS_AT_ONCE = 8

/** Stops projects that nobody has done anything in for `idleMs`, on whatever server; the clock is in the database. */
export function createIdleLoop ({ idleMs, checkMs, flushActivity, listIdle, stopIdle, log }: {
  idleMs: number
  checkMs: number
  /** What was done on this server must have been told before anybody is called idle. */
  flushActivity: () => Promise<void>
  listIdle: (idleMs: number) => Promise<readonly string[]>
  stopIdle: (projectId: string, idleMs: number) => Promise<boolean>
  log: { info: (fields: object, message: string) => void, warn: (fields: object, message: string) => void }
}): Loop {
  async function stop (projectId: string): Promise<void> {
    try {
      if (await stopIdle(projectId, idleMs)) log.info({ projectId }, 'idle project stopped')
    } catch (err) {
      log.warn({ err, projectId }, 'idle project could not be stopped')
    }
  }

  return createLoop({
    intervalMs: checkMs,
    onError: (err) => log.warn({ err }, 'idle projects could not be listed'),
    work: async () => {
      await flushActivity()
      await each(await listIdle(idleMs), STOPS_AT_ONCE, stop)
    }
  })
}
