import { settle, type RestingProject } from './settle.ts'

export interface Snapshot {
  /** Everything of this instance on the Engine, as its labels say; taken before the projects. */
  readonly containers: ReadonlyArray<{ readonly id: string, readonly projectId: string, readonly isRunning: boolean }>
  readonly volumes: ReadonlyArray<{ readonly name: string, readonly projectId: string }>
  readonly networks: ReadonlyArray<{ readonly id: string }>
  /** Every project that has something on the Engine, is not at rest, or is being deleted. */
  readonly projects: ReadonlyMap<string, RestingProject & { readonly isLeased: boolean }>
}

export interface ReconcilePlan {
  /** Projects whose row and container disagree: each is looked at again by whoever gets hold of it alone. */
  readonly settle: readonly string[]
  /** Orphans: their project's row is gone, and never comes back. */
  readonly removeContainers: readonly string[]
  readonly removeVolumes: readonly string[]
  readonly removeNetworks: readonly string[]
}

/**
 * What is to be done so that the Engine has what the database says. A row is made before anything of it is on the Engine,
 * so what an earlier look at the Engine shows and a later one at the database does not know is an orphan.
 */
export function planReconcile ({ containers, volumes, networks, projects }: Snapshot): ReconcilePlan {
  const containerOf = new Map(containers.map((container) => [container.projectId, container]))
  const isOrphan = ({ projectId }: { projectId: string }): boolean => !projects.has(projectId)
  const isUnused = containers.length === 0 && [...projects.values()].every(({ status, isLeased }) => !isLeased && status !== 'running')
  return {
    settle: [...projects].filter(([id, project]) => !project.isLeased && settle(project, containerOf.get(id)).kind !== 'keep').map(([id]) => id),
    removeContainers: containers.filter(isOrphan).map(({ id }) => id),
    removeVolumes: volumes.filter(isOrphan).map(({ name }) => name),
    removeNetworks: isUnused ? networks.map(({ id }) => id) : []
  }
}
