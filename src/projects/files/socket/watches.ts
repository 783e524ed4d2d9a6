import { errors } from '../../../errors.ts'
import { joinSignals } from '../../../lib/join-signals.ts'
import type { Notice } from '../../../protocols/files.ts'
import { parseDirectory } from '../../core/paths.ts'
import type { Workspace } from '../../workspace/workspace.ts'
import { DEFAULT_EXCLUDE } from '../service.ts'
import type { WatchMessage } from './schemas.ts'
import { keepWatching } from './watch.ts'

const WATCHES_PER_SOCKET = 8

/** The watches of one socket, by the path that its client gave. */
export function createWatches ({ workspace, projectId, send, sendError, signal }: {
  workspace: Workspace
  projectId: string
  send: (message: Notice) => Promise<void>
  sendError: (error: unknown, path: string) => void
  /** Aborted with the socket. */
  signal: AbortSignal
}) {
  const watches = new Map<string, AbortController>()

  function remove (path: string): boolean {
    watches.get(path)?.abort()
    return watches.delete(path)
  }

  return {
    /** One of the same path is replaced. */
    add ({ path, recursive = true, exclude }: WatchMessage): void {
      const directory = parseDirectory(path)
      remove(path)
      if (watches.size >= WATCHES_PER_SOCKET) throw new errors.BAD_MESSAGE(`a socket has at most ${WATCHES_PER_SOCKET} watches`)
      const controller = new AbortController()
      watches.set(path, controller)
      const request = { path: directory, recursive, exclude: exclude ?? defaultExclude(path) }
      keepWatching({ workspace, projectId, path, request, send, signal: joinSignals(signal, controller.signal) })
        .catch((error: unknown) => sendError(error, path))
        .finally(() => {
          if (watches.get(path) === controller) watches.delete(path)
        })
    },
    remove
  }
}

/** Whoever watches a directory in there means what is in there. */
function defaultExclude (path: string): readonly string[] {
  const names = path.split('/')
  return DEFAULT_EXCLUDE.filter((name) => !names.includes(name))
}
