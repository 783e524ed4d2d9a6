import { createDeferred } from '../../lib/deferred.ts'
import {
  AgentProtocolError, ErrorCode, EventKind, FrameType, decodeChanges, decodeWatchEvent, decodeWatchResult, encodeWatch,
  type FileChange, type WatchRequest
} from '../agent-protocol.ts'
import type { AgentConnection } from './connection.ts'
import { AgentLostError, AgentOperationError } from './errors.ts'

export interface WatchHandlers {
  /** Called one at a time. A promise that stays open too long ends in an overflow, not in memory; one that fails ends the watch. */
  readonly onChanges: (changes: FileChange[]) => void | Promise<void>
  /** Changes have been lost: only listing everything again shows what there is. */
  readonly onOverflow: () => void
}

export interface FileWatch {
  /** Every change from here on is reported. Rejects with AgentOperationError (`WATCH_LIMIT`, `NOT_FOUND`, …), or AgentLostError, also when it ends before. */
  readonly ready: Promise<void>
  /** Resolves after `stop`, or when what is watched is gone; rejects as `ready` does. */
  readonly ended: Promise<void>
  readonly stop: () => void
}

/** Reports what changes beneath a directory. A directory that appears is reported with all that is in it. */
export function watchFiles (agent: AgentConnection, request: WatchRequest, handlers: WatchHandlers): FileWatch {
  const ready = createDeferred<void>()
  let handled = Promise.resolve()
  let isStopped = false

  // Also what follows on the same stream waits, so that no handler overtakes another; credit goes back when it is done.
  function report (payload: Buffer): Promise<void> {
    const changes = decodeChanges(payload)
    handled = handled.then(async () => {
      if (!isStopped) await handlers.onChanges(changes)
    })
    handled.catch(() => channel.control(FrameType.CANCEL))
    return handled
  }

  const channel = agent.open(encodeWatch(request), {
    onData: (stream, payload) => {
      if (stream !== 0) throw new AgentProtocolError(`the agent sent changes on stream ${stream}`)
      return report(payload)
    },
    onEvent: (payload) => {
      if (decodeWatchEvent(payload).kind === EventKind.WATCHING) ready.resolve()
      else if (!isStopped) handlers.onOverflow()
    }
  })

  async function waitForEnd (): Promise<void> {
    const result = channel.result.then(decodeWatchResult)
    await Promise.allSettled([result])
    // First, because a handler that fails is what cancelled the watch.
    await handled
    await result.catch((error: unknown) => {
      if (!isStopped || !(error instanceof AgentOperationError) || error.code !== ErrorCode.CANCELLED) throw error
    })
  }

  const ended = waitForEnd()
  ended.then(() => ready.reject(new AgentLostError('the watch has ended')), ready.reject)
  // The caller may await one of the two only.
  ready.promise.catch(() => undefined)
  return {
    ready: ready.promise,
    ended,
    stop: () => {
      isStopped = true
      channel.control(FrameType.CANCEL)
    }
  }
}
