import { createDeferred } from '../../lib/deferred.ts'
import { FrameType } from '../agent-protocol.ts'
import type { Channel } from './channel.ts'

/**
 * The payload of the operation's RESULT. The signal cancels it and rejects at once with its own reason: an agent that
 * is stuck may never answer. What is asked of the agent afterwards happens after the cancelling.
 */
export async function resultOf (channel: Channel, signal?: AbortSignal): Promise<Buffer> {
  if (signal === undefined) return await channel.result
  const aborted = createDeferred<never>()
  const onAbort = (): void => {
    channel.control(FrameType.CANCEL)
    aborted.reject(signal.reason)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([channel.result, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
