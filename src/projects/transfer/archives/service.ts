import type { Readable } from 'node:stream'
import { errors } from '../../../errors.ts'
import { createDeferred } from '../../../lib/deferred.ts'
import { joinSignals } from '../../../lib/join-signals.ts'
import { createPauses } from '../../../lib/pauses.ts'
import { describeFailure } from '../../workspace/failures.ts'
import type { Workspace } from '../../workspace/workspace.ts'
import type { Quota } from '../../workspace/quota.ts'
import type { VolumeLease } from '../../lifecycle/volumes/exclusive.ts'
import { listProject } from '../../lifecycle/volumes/listing.ts'
import type { Volumes } from '../../lifecycle/volumes/volumes.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { createArchiveCheck, type ArchiveLimits } from './check.ts'
import { compress } from './compress.ts'
import { incoming } from './incoming.ts'
import { openArchive, receiveArchive } from './open-archive.ts'
import { packTar } from './pack-tar.ts'
import { packZip } from './pack-zip.ts'
import { readProjectFiles } from './project-files.ts'
import type { ArchiveFormat, UploadResult } from './schemas.ts'
import type { Spool } from '../spool.ts'
import type { Spools } from '../spools.ts'
import { unpackMembers } from './unpack.ts'

export interface ArchiveService {
  /**
   * The project's files. Resolves when the first can be read; the stream breaks off with an error where the rest cannot.
   * Destroying it ends the work.
   */
  readonly download: (projectId: string, options: { format: ArchiveFormat, exclude: readonly string[] }) => Promise<Readable>
  /** Puts an archive's files into the project, all of them or, if anything is wrong, none. */
  readonly upload: (projectId: string, upload: Upload, signal: AbortSignal) => Promise<UploadResult>
}

export interface Upload {
  readonly owner: string
  readonly body: Readable
  /** As the client announces it. */
  readonly length: number | undefined
  readonly replace: boolean
}

/** Of one archive. */
const MOST_MEMBERS = 200_000
/** A tar has a block or three for each member, and padding, besides the files. */
const OVERHEAD_BYTES = 256 * 1024 * 1024

export function createArchiveService ({ workspace, volumes, quota, fileBytes, spools }: {
  workspace: Workspace
  volumes: Volumes
  quota: Quota
  fileBytes: number
  spools: Spools
}): ArchiveService {
  const limits: ArchiveLimits = { members: MOST_MEMBERS, totalBytes: quota.limitBytes, fileBytes }
  const mostBytes = limits.totalBytes + OVERHEAD_BYTES

  /** Before a byte is taken: no archive holds less than it takes itself, but for what frames its members. */
  async function checkRoom (projectId: string, length = 0, signal: AbortSignal): Promise<void> {
    await workspace.withAgent(projectId, async (agent) => {
      const reservation = await quota.reserve(projectId, agent, Math.max(length - OVERHEAD_BYTES, 1))
      reservation.end(0)
    }, { signal })
  }

  /** Reads the whole archive before anything is done with it. */
  async function check (spool: Spool, bytes: AsyncIterable<Buffer>): Promise<{ totalBytes: number, members: number }> {
    const archive = createArchiveCheck(limits)
    const pause = createPauses()
    for await (const member of receiveArchive(spool, bytes)) {
      archive.add(member)
      await pause(member.path.length)
    }
    return archive.finish()
  }

  function pack (agent: AgentConnection, { format, exclude }: { format: ArchiveFormat, exclude: readonly string[] }, signal: AbortSignal): Readable {
    const files = readProjectFiles(agent, listProject(agent, { exclude, signal }), { signal, onLeftOut: () => undefined })
    return format === 'zip' ? packZip(files) : compress(packTar(files))
  }

  async function unpack (agent: AgentConnection, lease: VolumeLease, spool: Spool, { replace, totalBytes }: { replace: boolean, totalBytes: number }, signal: AbortSignal): Promise<void> {
    const { projectId } = lease.subject
    const reservation = replace ? undefined : await quota.reserve(projectId, agent, totalBytes)
    try {
      await volumes.change({
        agent,
        lease,
        mode: replace ? 'replace' : 'merge',
        unpack: async (directory) => await unpackMembers(agent, directory, await openArchive(spool), { mostBytes: totalBytes, signal })
      })
    } finally {
      reservation?.end(0)
      quota.outdate(projectId)
    }
  }

  return {
    async download (projectId, options) {
      const opened = createDeferred<Readable>()
      const work = workspace.withAgent(projectId, async (agent, gone) => {
        const ended = new AbortController()
        const stream = pack(agent, options, joinSignals(gone, ended.signal))
        // The agent is in use until the last byte has been taken, or nobody takes it any more.
        const closed = new Promise<void>((resolve) => stream.once('close', resolve))
        opened.resolve(stream)
        await closed
        ended.abort(new Error('the archive is over'))
      })
      work.catch(opened.reject)
      return await opened.promise.catch((error: unknown) => { throw describeFailure(error, { path: '/' }) })
    },

    async upload (projectId, { owner, body, length, replace }, signal) {
      try {
        if (length !== undefined && length > mostBytes) throw new errors.ARCHIVE_TOO_LARGE(`it is larger than the ${mostBytes} bytes that there can be`)
        if (!replace) await checkRoom(projectId, length, signal)
        return await spools.use(owner, length, async (spool) => {
          const { totalBytes, members } = await check(spool, incoming(body, { mostBytes }))
          await workspace.withAgent(projectId, async (agent, gone) =>
            await volumes.exclusively(projectId, async (lease) =>
              await unpack(agent, lease, spool, { replace, totalBytes }, joinSignals(signal, gone, lease.signal)), signal), { isChange: true, signal })
          return { members, size: totalBytes }
        }, signal)
      } catch (error) {
        throw describeFailure(error, { path: 'what the archive brings' })
      }
    }
  }
}
