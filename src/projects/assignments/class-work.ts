import { Readable } from 'node:stream'
import { errors } from '../../errors.ts'
import { describeError } from '../../http/describe-error.ts'
import { compress } from '../transfer/archives/compress.ts'
import { packTar } from '../transfer/archives/pack-tar.ts'
import type { ProjectFile } from '../transfer/archives/project-files.ts'
import { presentSnapshot } from '../transfer/snapshots/present.ts'
import type { SnapshotService } from '../transfer/snapshots/service.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { filesOfCopy } from './copy-files.ts'
import { readCopy } from './read-copy.ts'
import type { CopyRow } from './repo.ts'
import type { Taken } from './schemas.ts'

/** What is done with all copies at once, one after the other: of each teacher one such work at a time. */
export function createClassWork ({ withAgent, snapshots, hold }: {
  withAgent: Workspace['withAgent']
  snapshots: Pick<SnapshotService, 'create'>
  hold: (projectId: string) => () => void
}) {
  const busy = new Set<string>()

  function begin (teacherId: string): () => void {
    if (busy.has(teacherId)) throw new errors.ASSIGNMENT_BUSY()
    busy.add(teacherId)
    return () => void busy.delete(teacherId)
  }

  async function takeOne ({ project: { id, userId }, owner }: CopyRow, name: string, signal: AbortSignal): Promise<Taken> {
    const release = hold(id)
    try {
      return { project: id, owner, snapshot: presentSnapshot(await snapshots.create({ id, userId }, name, signal)), error: null }
    } catch (error) {
      signal.throwIfAborted()
      const { code, message } = describeError(error)
      return { project: id, owner, snapshot: null, error: { code, message } }
    } finally {
      release()
    }
  }

  async function * takeAll (copies: readonly CopyRow[], name: string, signal: AbortSignal): AsyncGenerator<string> {
    for (const copy of copies) yield `${JSON.stringify(await takeOne(copy, name, signal))}\n`
  }

  async function * readAll (copies: readonly CopyRow[], exclude: readonly string[], signal: AbortSignal): AsyncGenerator<ProjectFile> {
    for (const { project: { id: projectId }, owner } of copies) {
      yield * filesOfCopy(directoryOf(projectId, owner.email), (options) => readCopy(withAgent, { projectId, exclude }, options), signal)
    }
  }

  return {
    /** A line of JSON for each, as soon as its snapshot has been taken, or could not be. */
    takeSnapshots (teacherId: string, copies: readonly CopyRow[], name: string, signal: AbortSignal): Readable {
      const end = begin(teacherId)
      return Readable.from(takeAll(copies, name, signal), { objectMode: false }).once('close', end)
    },

    /** A tar.gz with a directory for each. */
    collect (teacherId: string, copies: readonly CopyRow[], exclude: readonly string[], signal: AbortSignal): Readable {
      const end = begin(teacherId)
      return compress(packTar(readAll(copies, exclude, signal))).once('close', end)
    }
  }
}
export type ClassWork = ReturnType<typeof createClassWork>

/** By whom they know; nothing in it that means something in a path. */
function directoryOf (projectId: string, email: string | null): string {
  return `${(email ?? 'nobody').replace(/[^\w.@+-]/g, '_')}-${projectId.slice(0, 8)}`
}
