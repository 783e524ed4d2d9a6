import mime from 'mime'
import picomatch from 'picomatch'
import { getFile, walkFiles } from '../../sandbox/agent-client/operations.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import type { Artifact } from './schemas.ts'

const MAX_ENTRIES = 10_000

/** Regular files that match one of the globs, in the order of their paths, as far as `maxBytes` reach; the warnings say what was left out. */
export async function collectArtifacts (agent: AgentConnection, globs: readonly string[], maxBytes: number): Promise<{ artifacts: Artifact[], warnings: string[] }> {
  const artifacts: Artifact[] = []
  const warnings: string[] = []
  if (globs.length === 0) return { artifacts, warnings }
  const isWanted = picomatch([...globs], { dot: true })
  const { entries, truncated } = await walkFiles(agent, MAX_ENTRIES)
  if (truncated) warnings.push(`Only the first ${MAX_ENTRIES} files were looked at for artifacts`)
  const wanted = entries
    .filter((entry) => entry.type === 'file' && isWanted(entry.path.toString()))
    .sort((a, b) => Buffer.compare(a.path, b.path))
  let left = maxBytes
  for (const entry of wanted) {
    const path = entry.path.toString()
    if (entry.size > left) {
      warnings.push(`The artifact ${JSON.stringify(path)} of ${entry.size} bytes was left out: ${maxBytes} bytes are possible together`)
      continue
    }
    const content = await getFile(agent, entry.path, left)
    left -= content.length
    artifacts.push({
      path,
      size: content.length,
      mediaType: mime.getType(path) ?? 'application/octet-stream',
      content: content.toString('base64')
    })
  }
  return { artifacts, warnings }
}
