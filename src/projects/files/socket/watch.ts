import { setTimeout as sleep } from 'node:timers/promises'
import { describeError } from '../../../http/describe-error.ts'
import { joinSignals } from '../../../lib/join-signals.ts'
import type { Change, Notice } from '../../../protocols/files.ts'
import { etagOf } from '../../../sandbox/agent-client/etag.ts'
import { watchFiles } from '../../../sandbox/agent-client/watch.ts'
import type { FileChange, WatchRequest } from '../../../sandbox/agent-protocol.ts'
import { describeFailure } from '../../workspace/failures.ts'
import { pathToText } from '../../core/paths.ts'
import type { Workspace } from '../../workspace/workspace.ts'

export interface WatchOptions {
  readonly workspace: Workspace
  readonly projectId: string
  /** As the client wrote it: how it knows its watches apart. */
  readonly path: string
  readonly request: WatchRequest
  /** Resolves when more may be said. */
  readonly send: (message: Notice) => Promise<void>
  readonly signal: AbortSignal
}

const AGAIN_MS = 200
const UNAVAILABLE = 503

/**
 * Watches until the signal aborts, or what is watched is gone. A project that starts or stops meanwhile takes its watches
 * along, with an overflow: nobody knows what has changed in between.
 */
export async function keepWatching ({ signal, ...options }: WatchOptions): Promise<void> {
  const { path, send } = options
  let hasStood = false
  const onReady = async (): Promise<void> => {
    await send({ type: hasStood ? 'overflow' : 'watching', path })
    hasStood = true
  }
  while (!signal.aborted) {
    try {
      const end = await watchOnce(options, signal, onReady)
      if (end === 'gone') return await send({ type: 'unwatched', path })
    } catch (error) {
      if (signal.aborted) return
      const described = describeFailure(error, { path })
      if (!hasStood || describeError(described).statusCode !== UNAVAILABLE) throw described
    }
    // Rejects when it is aborted, which the loop finds out by itself.
    await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function watchOnce ({ workspace, projectId, path, request, send }: Omit<WatchOptions, 'signal'>, signal: AbortSignal, onReady: () => Promise<void>): Promise<'gone' | 'moved'> {
  return await workspace.withAgent(projectId, async (agent, ending) => {
    const stopping = joinSignals(signal, ending)
    const watch = watchFiles(agent, request, {
      onChanges: async (changes) => {
        for (const change of changes) await send(describeChange(path, change))
      },
      onOverflow: () => void send({ type: 'overflow', path })
    })
    stopping.addEventListener('abort', watch.stop, { once: true })
    if (stopping.aborted) watch.stop()
    await watch.ready
    await onReady()
    await watch.ended
    return stopping.aborted ? 'moved' : 'gone'
  }, { isWatch: true, signal })
}

function describeChange (watch: string, { kind, entry, to }: FileChange): Change {
  return {
    type: 'change',
    watch,
    kind,
    path: pathToText(entry.path),
    ...(to === undefined ? {} : { to: pathToText(to) }),
    entryType: entry.type,
    // What has gone again has no inode.
    ...(kind === 'deleted' || entry.inode === 0n ? {} : { etag: etagOf(entry) })
  }
}
