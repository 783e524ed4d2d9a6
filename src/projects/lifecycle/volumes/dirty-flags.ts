/** However often files change, the database hears of it this often: a mark is older than a change that relies on it by this much at most. */
export const MARK_EVERY_MS = 2_000

/** Does work that changes files of a stopped project. */
export type WhileDirty = <T>(projectId: string, work: () => Promise<T>) => Promise<T>

/**
 * Flags stopped projects as changed, so that their files come into a snapshot: before the work, because a server that
 * dies in the middle of it leaves changed files as well, and after it, because it may take longer than a snapshot.
 */
export function createDirtyFlags ({ record, onError, now = () => performance.now() }: {
  record: (projectId: string) => Promise<void>
  /** Of the mark after the work, which is done all the same. */
  onError: (error: unknown, projectId: string) => void
  now?: () => number
}): WhileDirty {
  // The oldest first.
  const marks = new Map<string, { readonly at: number, readonly recorded: Promise<void> }>()

  function forgetOld (): void {
    for (const [projectId, { at }] of marks) {
      if (now() - at < MARK_EVERY_MS) return
      marks.delete(projectId)
    }
  }

  async function mark (projectId: string): Promise<void> {
    forgetOld()
    const known = marks.get(projectId)
    if (known !== undefined) return await known.recorded
    const at = now()
    const recorded = record(projectId)
    marks.set(projectId, { at, recorded })
    try {
      await recorded
    } catch (error) {
      if (marks.get(projectId)?.recorded === recorded) marks.delete(projectId)
      throw error
    }
  }

  return async (projectId, work) => {
    await mark(projectId)
    try {
      return await work()
    } finally {
      await mark(projectId).catch((error: unknown) => onError(error, projectId))
    }
  }
}
