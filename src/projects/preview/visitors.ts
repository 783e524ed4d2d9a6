/** Somebody whose request or WebSocket is under way. */
export interface Visitor {
  readonly projectId: string
  /** Let in because the preview is public. */
  readonly isAnonymous: boolean
  readonly close: () => void
}

/** Who is looking at what, so that they can be shown out. */
export function createVisitors () {
  const byProject = new Map<string, Set<Visitor>>()

  function closeWhere (projectId: string, matches: (visitor: Visitor) => boolean): void {
    for (const visitor of [...byProject.get(projectId) ?? []]) if (matches(visitor)) visitor.close()
  }

  return {
    count: (projectId: string): number => byProject.get(projectId)?.size ?? 0,
    /** Returns how to leave. */
    enter (visitor: Visitor): () => void {
      const visitors = byProject.get(visitor.projectId) ?? new Set()
      byProject.set(visitor.projectId, visitors.add(visitor))
      return () => {
        visitors.delete(visitor)
        if (visitors.size === 0 && byProject.get(visitor.projectId) === visitors) byProject.delete(visitor.projectId)
      }
    },
    /** Projects with anonymous visitors. */
    anonymouslyVisited: (): string[] => [...byProject].filter(([, visitors]) => [...visitors].some(({ isAnonymous }) => isAnonymous)).map(([projectId]) => projectId),
    closeAnonymous: (projectId: string): void => closeWhere(projectId, ({ isAnonymous }) => isAnonymous),
    closeProject: (projectId: string): void => closeWhere(projectId, () => true),
    closeAll: (): void => {
      for (const projectId of [...byProject.keys()]) closeWhere(projectId, () => true)
    }
  }
}
export type Visitors = ReturnType<typeof createVisitors>
