import { PING } from '../../protocols/sockets.ts'
import type { Socket } from './socket.ts'

const PING_MS = 20_000
const ANSWER_MS = 5_000

/** Of a connection that has failed, as browsers say it. */
export const ABNORMAL = 1006

export type Heartbeat = ReturnType<typeof createHeartbeat>

/**
 * Notices a connection that does not open within `openMs`, or dies without being closed, as by a sleeping computer or a
 * proxy that hangs. Calls back once.
 */
export function createHeartbeat (socket: Socket, openMs: number, onDead: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(die, openMs)
  let echo: ReturnType<typeof setTimeout> | undefined
  let state: 'opening' | 'well' | 'doubtful' | 'stopped' = 'opening'

  function stop (): void {
    state = 'stopped'
    clearTimeout(timer)
    clearTimeout(echo)
  }

  function die (): void {
    stop()
    onDead()
  }

  function hear (): void {
    if (state === 'stopped') return
    state = 'well'
    clearTimeout(echo)
    echo = undefined
    clearTimeout(timer)
    timer = setTimeout(probe, PING_MS)
  }

  /** Anything that comes is an answer. */
  function probe (): void {
    if (state !== 'well') return
    state = 'doubtful'
    socket.send(PING)
    clearTimeout(timer)
    timer = setTimeout(die, ANSWER_MS)
  }

  socket.addEventListener('open', hear)
  socket.addEventListener('message', hear)
  socket.addEventListener('close', stop)

  return {
    probe,
    /** Something was sent that is answered as a rule: after a while without a sound, it asks. */
    expectEcho (): void {
      if (state === 'well') echo ??= setTimeout(probe, ANSWER_MS)
    },
    stop
  }
}
