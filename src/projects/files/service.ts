import { errors } from '../../errors.ts'
import { createFairQueue } from '../../lib/fair-queue.ts'
import { joinSignals } from '../../lib/join-signals.ts'
import type { Entry } from '../../protocols/files.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { listFiles, makeDirectory, makeLink, statFile } from '../../sandbox/agent-client/files.ts'
import { findFiles } from '../../sandbox/agent-client/find.ts'
import type { FileReading } from '../../sandbox/agent-client/read-file.ts'
import { copyPath, movePath, removePath } from '../../sandbox/agent-client/trees.ts'
import type { FileEntry, FileMatch } from '../../sandbox/agent-protocol.ts'
import { setAttributes, type Attributes } from './attributes.ts'
import { evaluateRead } from './conditions.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { describeFailure } from '../workspace/failures.ts'
import { parseDirectory, parsePath } from '../core/paths.ts'
import { idOf, type AgentWork, type ProjectRef, type Workspace } from '../workspace/workspace.ts'
import { presentEntry, presentMatch } from './present.ts'
import type { Quota } from '../workspace/quota.ts'
import { openReading } from './reading.ts'
import type { FindQuery, ListQuery, Listing, Match, Matches } from './schemas.ts'
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
export function createFileService ({ workspace, quota, fileLimit, hold }: {
  workspace: Workspace
  quota: Quota
  /** Of one file. */
  fileLimit: number
  /** The project counts as active until the returned function is called. */
  hold: (projectId: string) => () => void
}) {
  // How much a copy takes is known when it is made: one after the other, each has the room that the last has left.
  const copies = createFairQueue({ concurrency: Infinity, perOwner: 1, capacity: Infinity })

  async function use<T> (project: ProjectRef, path: string, work: AgentWork<T>, { to = path, isChange = false } = {}): Promise<T> {
    const release = hold(idOf(project))
    try {
      return await workspace.withAgent(project, work, { isChange })
    } catch (error) {
      throw describeFailure(error, { path, to })
    } finally {
      release()
    }
  }

  async function change<T> (project: ProjectRef, path: string, work: AgentWork<T>, to = path): Promise<T> {
    return await use(project, path, work, { to, isChange: true })
  }

  return {
    async list (project: ProjectRef, { path = '/', depth = 1, limit = DEFAULT_LIMIT, cursor, exclude }: ListQuery): Promise<Listing> {
      const directory = parseDirectory(path)
      const after = cursor === undefined ? {} : { after: decodeCursor(cursor) }
      return await use(project, path, async (agent, signal) => {
        const { entries, truncated, unlisted } = await listFiles(agent, { path: directory, depth, limit, ...after, ...(exclude === undefined ? {} : { exclude }) }, signal)
        const last = entries.at(-1)
        return { entries: entries.map(presentEntry), truncated: truncated || unlisted > 0, nextCursor: truncated && last !== undefined ? encodeCursor(last.path) : null }
      })
    },

    /** A directory's own entries as the agent has them, by name, from the one after that path on. */
    async entries (project: ProjectRef, path: string, { limit, after }: { limit: number, after: Buffer | undefined }): Promise<FileEntry[]> {
      const directory = parseDirectory(path)
      return await use(project, path, async (agent, signal) =>
        (await listFiles(agent, { path: directory, depth: 1, limit, ...(after === undefined ? {} : { after }) }, signal)).entries)
    },

    /** Of what the path names; with `follow`, of what a link there leads to. */
    async stat (project: ProjectRef, path: string, { follow = false } = {}): Promise<FileEntry> {
      const name = follow ? parsePath(path) : parseDirectory(path)
      return await use(project, path, async (agent, signal) => await statFile(agent, name, { follow }, signal))
    },

    /** The caller has to read the bytes, or to destroy them. */
    async open (project: ProjectRef, path: string, range: { offset?: number, length?: number } = {}): Promise<FileReading> {
      const name = parsePath(path)
      return await openReading(async (work) => await use(project, path, work), name, range)
    },

    /** The file is there whole, or what was there before. Throws PRECONDITION_FAILED with the `etag` of what is there. */
    async write (project: ProjectRef, path: string, request: WriteRequest): Promise<{ entry: Entry, created: boolean }> {
      const name = parsePath(path)
      return await change(project, path, async (agent, signal) => {
        const { entry, created } = await writeWithin({ agent, projectId: idOf(project), quota, fileLimit, signal }, name, request)
        return { entry: presentEntry(entry), created }
      })
    },

    async makeDirectory (project: ProjectRef, path: string, options: { mode?: number } = {}): Promise<Entry> {
      const name = parsePath(path.endsWith('/') ? path.slice(0, -1) : path)
      return await change(project, path, async (agent) => {
        const reservation = await quota.reserve(idOf(project), agent, 0)
        const { entry, created } = await makeDirectory(agent, name, options).finally(() => reservation.end(0))
        if (!created) throw new errors.FILE_EXISTS(JSON.stringify(path))
        return presentEntry(entry)
      })
    },

    /** To wherever it may lead. */
    async link (project: ProjectRef, path: string, target: Buffer): Promise<void> {
      const name = parsePath(path)
      await change(project, path, async (agent) => {
        const reservation = await quota.reserve(idOf(project), agent, 0)
        await makeLink(agent, name, target).finally(() => reservation.end(0))
      })
    },

    /** Of a file or a directory, also by way of a link. */
    async setAttributes (project: ProjectRef, path: string, attributes: Attributes): Promise<void> {
      const name = parsePath(path)
      await change(project, path, async (agent, signal) => await setAttributes({ agent, projectId: idOf(project), quota, signal }, name, attributes))
    },

    async move (project: ProjectRef, { path, to, overwrite = false }: Transfer): Promise<Entry> {
      const [from, target] = [parsePath(path), parsePath(to)]
      return presentEntry(await change(project, path, async (agent) => {
        const entry = await movePath(agent, from, target, { overwrite })
        if (overwrite) quota.doubt(idOf(project))
        return entry
      }, to))
    },

    async copy (project: ProjectRef, { path, to, overwrite = false }: Transfer): Promise<Entry> {
      const [from, target] = [parsePath(path), parsePath(to)]
      return presentEntry(await copies.run(idOf(project), async () => await change(project, path, async (agent, signal) => {
        const reservation = await quota.reserve(idOf(project), agent, 0)
        try {
          return await copyPath(agent, from, target, { overwrite, maxBytes: reservation.room() }, signal)
        } finally {
          quota.outdate(idOf(project))
        }
      }, to)))
    },

    /** Only what it is said to be; a directory only when there is nothing in it. */
    async removeOne (project: ProjectRef, path: string, type: 'file' | 'directory'): Promise<void> {
      const name = parsePath(path)
      await change(project, path, async (agent, signal) => {
        const isDirectory = (await statFile(agent, name, {}, signal)).type === 'directory'
        if (isDirectory !== (type === 'directory')) throw isDirectory ? new errors.NOT_A_FILE(JSON.stringify(path)) : new errors.BAD_PATH(JSON.stringify(path), 'is no directory')
        await removePath(agent, name, {}, signal)
        quota.outdate(idOf(project))
      })
    },

    /** A directory goes with all that it holds. */
    async remove (project: ProjectRef, path: string, ifMatch?: string): Promise<void> {
      const name = parsePath(path)
      await change(project, path, async (agent, signal) => {
        if (ifMatch !== undefined) await expectMatch(agent, name, ifMatch)
        await removePath(agent, name, { recursive: true }, signal)
        quota.outdate(idOf(project))
      })
    },

    /** By name, by content, or files that fit both. */
    async find (project: ProjectRef, { path = '/', name, text, ignoreCase = false, limit = DEFAULT_LIMIT, exclude = DEFAULT_EXCLUDE }: FindQuery, signal?: AbortSignal): Promise<Matches> {
      if (name === undefined && text === undefined) throw new errors.BAD_REQUEST('Say what to look for: "name", "text" or both')
      const request = {
        path: parseDirectory(path), ignoreCase, maxMatches: limit, exclude, ...(name === undefined ? {} : { glob: name }), ...(text === undefined ? {} : { text })
      }
      return await use(project, path, async (agent, ending) => {
        const matches: Match[] = []
        const onMatches = (found: FileMatch[]): void => void matches.push(...found.map(presentMatch))
        const { truncated } = await findFiles(agent, request, { onMatches }, joinSignals(signal, ending))
        return { matches, truncated }
      })
    }
  }
}

async function expectMatch (agent: AgentConnection, path: Buffer, ifMatch: string): Promise<void> {
  const entry = await statFile(agent, path)
  if (evaluateRead({ 'if-match': ifMatch }, entry) === 'failed') throw preconditionFailed(path, entry)
}
