import { errors } from '../../../errors.ts'
import { createPauses } from '../../../lib/pauses.ts'
import type { FileEntry } from '../../../sandbox/agent-protocol.ts'
import { createListingDigest } from './digest.ts'

/** Of one project; a listing of that many takes seconds. */
const MOST_ENTRIES = 500_000

/**
 * Counts what is listed. Bytes are those that a restore may write: a hole counts in full, and so does each name of a file
 * that has several. Throws SNAPSHOT_TOO_LARGE.
 */
export function createCensus (mostContentBytes: number) {
  const digest = createListingDigest()
  const pause = createPauses()
  let entries = 0
  let files = 0
  let contentBytes = 0
  let leftOut = 0

  function count (entry: FileEntry): void {
    digest.add(entry)
    if (++entries > MOST_ENTRIES) throw new errors.SNAPSHOT_TOO_LARGE(`It has more than ${MOST_ENTRIES} files and directories`)
    if (entry.type !== 'file') return
    files++
    contentBytes += entry.size
    if (contentBytes > mostContentBytes) throw new errors.SNAPSHOT_TOO_LARGE(`Its files are larger than ${mostContentBytes} bytes, where holes and further names of a file count in full`)
  }

  return {
    async * pass (listed: AsyncIterable<FileEntry>): AsyncGenerator<FileEntry> {
      for await (const entry of listed) {
        count(entry)
        yield entry
        await pause(entry.path.length)
      }
    },
    contentBytes: (): number => contentBytes,
    leaveOut: (more: number): void => { leftOut += more },
    isEmpty: (): boolean => entries === 0,
    value: () => ({ files, contentBytes, leftOut, digest: digest.value() })
  }
}
