import { createDeferred } from '../../lib/deferred.ts'
import { joinSignals } from '../../lib/join-signals.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { listProject } from '../lifecycle/volumes/listing.ts'
import { readProjectFiles, type ProjectFile, type ReadOptions } from '../transfer/archives/project-files.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** A project's files. Its agent is in use until the signal aborts, which it must. */
export async function * readCopy (withAgent: Workspace['withAgent'], { projectId, exclude }: { projectId: string, exclude: readonly string[] }, { signal, onLeftOut }: ReadOptions): AsyncGenerator<ProjectFile> {
  const borrowed = createDeferred<{ agent: AgentConnection, gone: AbortSignal }>()
  withAgent(projectId, async (agent, gone) => {
    borrowed.resolve({ agent, gone })
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }, { signal }).catch(borrowed.reject)
  const { agent, gone } = await borrowed.promise
  const options = { signal: joinSignals(signal, gone), onLeftOut }
  yield * readProjectFiles(agent, listProject(agent, { exclude, signal: options.signal }), options)
}
