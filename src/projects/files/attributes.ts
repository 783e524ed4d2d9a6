import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { makeDirectory, statFile } from '../../sandbox/agent-client/files.ts'
import { readFile } from '../../sandbox/agent-client/read-file.ts'
import { writeFile } from '../../sandbox/agent-client/write-file.ts'
import type { WriteOptions } from '../../sandbox/agent-protocol.ts'
import type { Quota } from '../workspace/quota.ts'

export type Attributes = Pick<WriteOptions, 'mode' | 'mtimeNs'>

/**
 * The permissions and time of a file, which the agent gives to what it writes: the file is written anew as it is, unless it has
 * changed meanwhile. A directory has its permissions changed; its time is what its content makes it.
 */
export async function setAttributes ({ agent, projectId, quota, signal }: {
  agent: AgentConnection
  projectId: string
  quota: Quota
  signal: AbortSignal
}, path: Buffer, { mode, mtimeNs }: Attributes): Promise<void> {
  const present = await statFile(agent, path, { follow: true }, signal)
  if (present.type === 'directory') {
    if (mode !== undefined && mode !== present.mode) await makeDirectory(agent, path, { mode })
    return
  }
  const wanted = { mode: mode ?? present.mode, mtimeNs: mtimeNs ?? present.mtimeNs }
  if (wanted.mode === present.mode && wanted.mtimeNs === present.mtimeNs) return
  const reservation = await quota.reserve(projectId, agent, present.size)
  let size = 0
  try {
    const { entry, bytes } = await readFile(agent, path, {}, signal)
    size = entry.size
    await writeFile(agent, path, bytes, { ...wanted, precondition: entry }, signal)
  } finally {
    reservation.end(size, size)
  }
}
