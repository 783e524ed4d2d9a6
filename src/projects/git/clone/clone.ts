import { setTimeout as sleep } from 'node:timers/promises'
import { joinSignals } from '../../../lib/join-signals.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { measureUsage } from '../../../sandbox/agent-client/trees.ts'
import type { Repository } from '../../core/source/source.ts'
import { CloneFailedError } from './failure.ts'
import { readCommit, runGit, type GitSandbox } from './git.ts'
import { planClone } from './plan.ts'
import type { CloneProgress } from './progress.ts'
import { STAGING, discard, isComplete, markComplete, putInPlace } from './staging.ts'

const SIZE_CHECK_MS = 500

export interface CloneLimits {
  readonly timeoutMs: number
  /** Of everything in the project. */
  readonly sizeBytes: number
}

/**
 * Gets a repository into the project's directory and returns the commit that it is at. If an attempt before this one had
 * got all of it, that is put in place; what is left of any other is thrown away. Throws CloneFailedError, or the signal's
 * reason.
 */
export async function cloneInto (sandbox: GitSandbox, repository: Repository, { limits, onProgress }: {
  limits: CloneLimits
  onProgress: (progress: CloneProgress) => void
}, signal: AbortSignal): Promise<string | null> {
  const { agent } = sandbox
  if (!await isComplete(agent, signal)) {
    await discard(agent, signal)
    await withinSize(agent, limits.sizeBytes, signal, async (stopping) => {
      await runGit(sandbox, planClone(repository, STAGING), { repository, timeoutMs: limits.timeoutMs, onProgress }, stopping)
    })
    await markComplete(agent, signal)
  }
  await putInPlace(agent, signal)
  return await readCommit(sandbox, signal)
}

/** Does the work while the project's size is looked at; its signal is aborted when that is passed. */
async function withinSize (agent: AgentConnection, sizeBytes: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const done = new AbortController()
  const tooLarge = new AbortController()

  async function check (signal: AbortSignal): Promise<void> {
    const { bytes } = await measureUsage(agent, {}, signal)
    if (bytes > sizeBytes) throw new CloneFailedError(`The repository does not fit into the ${sizeBytes} bytes that a project can have`)
  }

  async function watch (): Promise<void> {
    try {
      for (;;) {
        await check(done.signal)
        await sleep(SIZE_CHECK_MS, undefined, { signal: done.signal })
      }
    } catch (error) {
      if (!done.signal.aborted) tooLarge.abort(error)
    }
  }

  const watching = watch()
  try {
    await work(joinSignals(signal, tooLarge.signal))
    await check(signal)
  } finally {
    done.abort()
    await watching
  }
}
