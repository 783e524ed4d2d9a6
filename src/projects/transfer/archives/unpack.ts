import { buffer } from 'node:stream/consumers'
import { errors } from '../../../errors.ts'
import { each } from '../../../lib/each.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { makeDirectory, makeLink } from '../../../sandbox/agent-client/files.ts'
import { copyPath, removePath } from '../../../sandbox/agent-client/trees.ts'
import { writeFile } from '../../../sandbox/agent-client/write-file.ts'
import { ErrorCode } from '../../../sandbox/agent-protocol.ts'
import { joinPath } from '../../core/names.ts'
import { undefinedIf } from '../../lifecycle/volumes/undefined-if.ts'
import type { Member } from './members.ts'

const SMALL_BYTES = 256 * 1024
const AT_ONCE = 16
/** A directory without it could be neither filled nor moved into its place. */
const OWNER_MAY_CHANGE = 0o700

/**
 * Writes an archive's members beneath a directory. Small files are written many at once: one after the other each would cost
 * a round trip. Throws PROJECT_FULL where they are larger than they may be altogether.
 */
export async function unpackMembers (agent: AgentConnection, directory: string, members: AsyncIterable<Member>, { mostBytes, signal }: { mostBytes: number, signal: AbortSignal }): Promise<void> {
  const base = Buffer.from(directory)
  const links: Member[] = []
  let bytes = 0

  /** Gives the work that does not need the tar any more. */
  async function * plan (): AsyncGenerator<() => Promise<void>> {
    for await (const member of members) {
      const path = joinPath(base, member.path)
      if (member.path.length === 0) continue
      bytes += member.size
      if (bytes > mostBytes) throw new errors.PROJECT_FULL()
      if (member.type === 'file' && member.size <= SMALL_BYTES) {
        const content = await buffer(member.bytes)
        yield async () => await write(agent, path, member, content, signal)
      } else if (member.type === 'file') {
        await write(agent, path, member, member.bytes, signal)
      } else if (member.type === 'directory') {
        await makeDirectory(agent, path, { mode: member.mode | OWNER_MAY_CHANGE })
      } else if (member.type === 'symlink') {
        await link(agent, path, member.target)
      } else if (member.type === 'removed') {
        await undefinedIf(ErrorCode.NOT_FOUND, removePath(agent, path, { recursive: true }, signal))
      } else {
        // Its original may still be on its way.
        links.push(member)
      }
    }
  }

  await each(plan(), AT_ONCE, async (work) => await work())
  for (const { path, target } of links) await copyPath(agent, joinPath(base, target), joinPath(base, path), {}, signal)
}

async function write (agent: AgentConnection, path: Buffer, { mode, mtimeNs }: Member, content: Buffer | AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
  await writeFile(agent, path, content, { mode, mtimeNs, sync: false }, signal)
}

async function link (agent: AgentConnection, path: Buffer, target: Buffer): Promise<void> {
  const made = await undefinedIf(ErrorCode.NOT_FOUND, makeLink(agent, path, target))
  if (made !== undefined) return
  await makeDirectory(agent, path.subarray(0, path.lastIndexOf('/')))
  await makeLink(agent, path, target)
}
