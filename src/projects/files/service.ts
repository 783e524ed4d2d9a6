import { errors } from '../../errors.ts'
import { createFairQueue } from '../../lib/fair-queue.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { listFiles, makeDirectory, statFile } from '../../sandbox/agent-client/files.ts'
import { findFiles } from '../../sandbox/agent-client/find.ts'
import type { FileReading } from '../../sandbox/agent-client/read-file.ts'
import { copyPath, movePath, removePath } from '../../sandbox/agent-client/trees.ts'
import type { FileEntry, FileMatch } from '../../sandbox/agent-protocol.ts'
import { evaluateRead } from './conditions.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { describeFailure } from '../workspace/failures.ts'
import { parseDirectory, parsePath } from '../core/paths.ts'
import type { FilePlace, FileWork } from '../workspace/place.ts'
import { presentEntry, presentMatch } from './present.ts'
import type { Quota } from '../workspace/quota.ts'
import { openReading } from './reading.ts'
import type { Entry, FindQuery, ListQuery, Listing, Match, Matches } from './schemas.ts'
import { preconditionFailed, writeWithin, type WriteRequest } from './writing.ts'

const DEFAULT_LIMIT = 1_000
/** What others have written, tens of thousands of files of it. */
export const DEFAULT_EXCLUDE = ['node_modules', '.git']

export interface Transfer {
  readonly path: string
  readonly to: string
  readonly overwrite?: boolean | undefined
}

export type FileService = ReturnType<typeof createFileService>

/** What can be done with the files of a project that the caller may work on; paths are as clients write them. */
export function createFileService ({ place, quota, fileLimit, hold }: {
  place: FilePlace
  quota: Quota
  /** Of one file. */
  fileLimit: number
  /** The project counts as active until the returned function is called. */
  hold: (projectId: string) => () => void
}) {
  // How much a copy takes is known when it is made: one after the other, each has the room that the last has left.
  const copies = createFairQueue({ concurrency: Infinity, perOwner: 1, capacity: Infinity })

  async function use<T> (projectId: string, path: string, work: FileWork<T>, { to = path, isChange = false } = {}): Promise<T> {
    const release = hold(projectId)
    try {
      return await place.use(projectId, work, { isChange })
    } catch (error) {
      throw describeFailure(error, { path, to })
    } finally {
      release()
    }
  }

  async function change<T> (projectId: string, path: string, work: FileWork<T>, to = path): Promise<T> {
    return await use(projectId, path, work, { to, isChange: true })
  }

  return {
    async list (projectId: string, { path = '/', depth = 1, limit = DEFAULT_LIMIT, cursor, exclude }: ListQuery): Promise<Listing> {
      const directory = parseDirectory(path)
      const after = cursor === undefined ? {} : { after: decodeCursor(cursor) }
      return await use(projectId, path, async (agent, signal) => {
        const { entries, truncated, unlisted } = await listFiles(agent, { path: directory, depth, limit, ...after, ...(exclude === undefined ? {} : { exclude }) }, signal)
        const last = entries.at(-1)
        return { entries: entries.map(presentEntry), truncated: truncated || unlisted > 0, nextCursor: truncated && last !== undefined ? encodeCursor(last.path) : null }
      })
    },

    /** Of what the path names; with `follow`, of what a link there leads to. */
    async stat (projectId: string, path: string, { follow = false } = {}): Promise<FileEntry> {
      const name = follow ? parsePath(path) : parseDirectory(path)
      return await use(projectId, path, async (agent, signal) => await statFile(agent, name, { follow }, signal))
    },

    /** The caller has to read the bytes, or to destroy them. */
    async open (projectId: string, path: string, range: { offset?: number, length?: number } = {}): Promise<FileReading> {
      const name = parsePath(path)
      return await openReading(async (work) => await use(projectId, path, work), name, range)
    },

    /** The file is there whole, or what was there before. Throws PRECONDITION_FAILED with the `etag` of what is there. */
    async write (projectId: string, path: string, request: WriteRequest): Promise<{ entry: Entry, created: boolean }> {
      const name = parsePath(path)
      return await change(projectId, path, async (agent, signal) => {
        const { entry, created } = await writeWithin({ agent, projectId, quota, fileLimit, signal }, name, request)
        return { entry: presentEntry(entry), created }
      })
    },

    async makeDirectory (projectId: string, path: string): Promise<Entry> {
      const name = parsePath(path.endsWith('/') ? path.slice(0, -1) : path)
      return await change(projectId, path, async (agent) => {
        const reservation = await quota.reserve(projectId, agent, 0)
        const { entry, created } = await makeDirectory(agent, name).finally(() => reservation.end(0))
        if (!created) throw new errors.FILE_EXISTS(JSON.stringify(path))
        return presentEntry(entry)
      })
    },

    async move (projectId: string, { path, to, overwrite = false }: Transfer): Promise<Entry> {
      const [from, target] = [parsePath(path), parsePath(to)]
      return presentEntry(await change(projectId, path, async (agent) => {
        const entry = await movePath(agent, from, target, { overwrite })
        if (overwrite) quota.doubt(projectId)
        return entry
      }, to))
    },

    async copy (projectId: string, { path, to, overwrite = false }: Transfer): Promise<Entry> {
      const [from, target] = [parsePath(path), parsePath(to)]
      return presentEntry(await copies.run(projectId, async () => await change(projectId, path, async (agent, signal) => {
        const reservation = await quota.reserve(projectId, agent, 0)
        try {
          return await copyPath(agent, from, target, { overwrite, maxBytes: reservation.room() }, signal)
        } finally {
          quota.outdate(projectId)
        }
      }, to)))
    },

    /** A directory goes with all that it holds. */
    async remove (projectId: string, path: string, ifMatch?: string): Promise<void> {
      const name = parsePath(path)
      await change(projectId, path, async (agent, signal) => {
        if (ifMatch !== undefined) await expectMatch(agent, name, ifMatch)
        await removePath(agent, name, { recursive: true }, signal)
        quota.outdate(projectId)
      })
    },

    /** By name, by content, or files that fit both. */
    async find (projectId: string, { path = '/', name, text, ignoreCase = false, limit = DEFAULT_LIMIT, exclude = DEFAULT_EXCLUDE }: FindQuery, signal?: AbortSignal): Promise<Matches> {
      if (name === undefined && text === undefined) throw new errors.BAD_REQUEST('Say what to look for: "name", "text" or both')
      const request = {
        path: parseDirectory(path), ignoreCase, maxMatches: limit, exclude, ...(name === undefined ? {} : { glob: name }), ...(text === undefined ? {} : { text })
      }
      return await use(projectId, path, async (agent, ending) => {
        const matches: Match[] = []
        const onMatches = (found: FileMatch[]): void => void matches.push(...found.map(presentMatch))
        const { truncated } = await findFiles(agent, request, { onMatches }, signal === undefined ? ending : AbortSignal.any([signal, ending]))
        return { matches, truncated }
      })
    }
  }
}

async function expectMatch (agent: AgentConnection, path: Buffer, ifMatch: string): Promise<void> {
  const entry = await statFile(agent, path)
  if (evaluateRead({ 'if-match': ifMatch }, entry) === 'failed') throw preconditionFailed(path, entry)
}
