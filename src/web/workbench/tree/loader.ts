import { parentOf, ROOT } from '../../../client/files/paths.ts'
import type { Change, Entry } from '../../../protocols/files.ts'
import { RequestError, type Request } from '../../../client/files/requests.ts'
import type { Tree } from './model.ts'

const PAGE_ENTRIES = 5_000
// A browser can take more, but nobody finds anything in it.
const MOST_ENTRIES = 200_000

interface Reading {
  /** Heard of since it was asked for: the list on its way may or may not know of them. */
  changes: Change[]
  isWantedAgain: boolean
}

/** Reads directories into a tree. */
export function createLoader ({ tree, request, onLoaded }: { tree: Tree, request: Request, onLoaded: () => void }) {
  const underWay = new Map<string, { reading: Reading, done: Promise<void> }>()

  async function readOnce (directory: string, reading: Reading): Promise<void> {
    reading.changes = []
    reading.isWantedAgain = false
    const entries: Entry[] = []
    let page: { entries: Entry[], truncated: boolean, nextCursor: string | null } | undefined
    do {
      const cursor: { cursor?: string } = page?.nextCursor == null ? {} : { cursor: page.nextCursor }
      page = await request('list', { path: directory === ROOT ? '/' : directory, limit: PAGE_ENTRIES, ...cursor })
      for (const entry of page.entries) entries.push(entry)
    } while (page.nextCursor !== null && entries.length < MOST_ENTRIES)
    tree.fill(directory, entries, page.truncated)
    for (const change of reading.changes) tree.apply(change)
    onLoaded()
  }

  async function read (directory: string, reading: Reading): Promise<void> {
    try {
      do await readOnce(directory, reading)
      while (reading.isWantedAgain)
    } catch (error) {
      if (directory === ROOT || !isGone(error)) throw error
      tree.remove(directory)
      onLoaded()
    } finally {
      underWay.delete(directory)
    }
  }

  async function load (directory: string): Promise<void> {
    const current = underWay.get(directory)
    if (current !== undefined) {
      current.reading.isWantedAgain = true
      return await current.done
    }
    const reading: Reading = { changes: [], isWantedAgain: false }
    const done = read(directory, reading)
    underWay.set(directory, { reading, done })
    await done
  }

  return {
    /** Once more, if it is being read already: what is under way may have seen the past. */
    load,
    /** Everything that can be seen. */
    async loadOpen (): Promise<void> {
      await Promise.all(tree.openDirectories().map(load))
    },
    /** A change that the server tells of. */
    heed (change: Change): void {
      tree.apply(change)
      for (const directory of new Set([parentOf(change.path), parentOf(change.to ?? change.path)])) {
        underWay.get(directory)?.reading.changes.push(change)
      }
    }
  }
}

function isGone (error: unknown): boolean {
  return error instanceof RequestError && error.code === 'FILE_NOT_FOUND'
}
