import mime from 'mime'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { errors } from '../../errors.ts'
import { compileGlob, type Glob, type MatchBudget } from '../../lib/glob.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { listFiles } from '../../sandbox/agent-client/files.ts'
import { readFile } from '../../sandbox/agent-client/read-file.ts'
import type { AgentPath, FileEntry } from '../../sandbox/agent-protocol.ts'
import type { Artifact } from './execute-schemas.ts'

const MAX_ENTRIES = 10_000
/** What an answer carries, before base64. */
const MAX_BYTES = 8 * 1024 ** 2
/** What lies deeper the agent does not list. */
const MAX_DEPTH = 40
/** Comparisons of letters, some milliseconds' worth, after which others have their turn, and how many there may be in all. */
const COMPARISONS_PER_TURN = 200_000
const MAX_COMPARISONS = 20_000_000

/** Globs that can be matched. Throws BAD_REQUEST. */
export function compileGlobs (globs: readonly string[]): Glob[] {
  return globs.map((glob) => {
    const compiled = compileGlob(glob)
    if (compiled === undefined) throw new errors.BAD_REQUEST(`The glob ${JSON.stringify(glob)} in "artifacts" stands for too many: write fewer braces`)
    return compiled
  })
}

/** Regular files that match one of the globs, in the order of their paths, as far as the bytes reach that an answer carries; the warnings say what was left out. */
export async function collectArtifacts (agent: AgentConnection, globs: readonly string[]): Promise<{ artifacts: Artifact[], warnings: string[] }> {
  const artifacts: Artifact[] = []
  const warnings: string[] = []
  if (globs.length === 0) return { artifacts, warnings }
  const { entries, truncated, unlisted } = await listFiles(agent, { depth: MAX_DEPTH, limit: MAX_ENTRIES })
  if (truncated) warnings.push(`Only the first ${MAX_ENTRIES} files were looked at for artifacts`)
  if (unlisted > 0) warnings.push(`Directories that could not be read were not looked at for artifacts: ${unlisted}`)
  if (entries.some(isDeepest)) warnings.push(`What lies deeper than ${MAX_DEPTH} directories was not looked at for artifacts`)
  const { wanted, isComplete } = await filterEntries(entries, compileGlobs(globs))
  if (!isComplete) warnings.push('The globs take too long on so many and such long names: only some files were looked at for artifacts')
  let left = MAX_BYTES
  for (const entry of wanted) {
    const path = entry.path.toString()
    if (entry.size > left) {
      warnings.push(`The artifact ${JSON.stringify(path)} of ${entry.size} bytes was left out: ${MAX_BYTES} bytes are possible together`)
      continue
    }
    const content = await readBytes(agent, entry.path, left)
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

/** A directory whose content has not been listed. */
function isDeepest ({ type, path }: FileEntry): boolean {
  return type === 'directory' && path.toString('latin1').split('/').length === MAX_DEPTH
}

async function readBytes (agent: AgentConnection, path: AgentPath, maxBytes: number): Promise<Buffer> {
  const { bytes } = await readFile(agent, path, { length: maxBytes })
  return Buffer.concat(await bytes.toArray())
}

/** Names are the program's choice and globs the caller's, so that both the turn and the whole are bounded. */
async function filterEntries (entries: readonly FileEntry[], globs: readonly Glob[]): Promise<{ wanted: FileEntry[], isComplete: boolean }> {
  const budget: MatchBudget = { left: MAX_COMPARISONS }
  const wanted: FileEntry[] = []
  let pauseAt = budget.left - COMPARISONS_PER_TURN
  for (const entry of entries) {
    if (entry.type !== 'file') continue
    const path = entry.path.toString()
    for (const glob of globs) {
      const isMatch = glob.matches(path, budget)
      if (budget.left < pauseAt) {
        await nextTurn()
        pauseAt = budget.left - COMPARISONS_PER_TURN
      }
      if (!isMatch) continue
      wanted.push(entry)
      break
    }
    if (budget.left < 0) break
  }
  return { wanted: wanted.sort((a, b) => Buffer.compare(a.path, b.path)), isComplete: budget.left >= 0 }
}
