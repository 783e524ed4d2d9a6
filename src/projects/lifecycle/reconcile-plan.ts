import { settle, type SettledProject } from './settle.ts'

export interface Snapshot {
  /** Everything of this instance on the Engine, as its labels say; taken before the projects. */
  readonly containers: ReadonlyArray<{ readonly id: string, readonly projectId: string, readonly isRunning: boolean }>
  readonly volumes: ReadonlyArray<{ readonly name: string, readonly projectId: string }>
  readonly networks: ReadonlyArray<{ readonly id: string }>
  /** Projects that their owners have deleted. */
  readonly deleted: ReadonlySet<string>
  /** Volumes that have been seen without a row, by name, and for how many milliseconds. */
  readonly quarantined: ReadonlyMap<string, number>
  readonly quarantineMs: number
  /** Every project that has something on the Engine, is not stopped, or is being deleted. */
  readonly projects: ReadonlyMap<string, SettledProject & { readonly isLeased: boolean }>
}

export interface ReconcilePlan {
  /** Projects whose row and container disagree: each is settled under its lease. */
  readonly settle: readonly string[]
  /** Their project's row is gone. */
  readonly removeContainers: readonly string[]
  /** Of projects that are known to have been deleted, or that have had no row for long enough. */
  readonly removeVolumes: readonly string[]
  /** Those without a row that are not known yet: a database that is older than they are knows nothing of them either. */
  readonly quarantineVolumes: ReadonlyArray<{ readonly name: string, readonly projectId: string }>
  /** Their row is there again, or they are gone. */
  readonly releaseVolumes: readonly string[]
  readonly removeNetworks: readonly string[]
}

/**
 * What is to be done so that the Engine has what the database says. A row is made before anything of it is on the Engine,
 * so what an earlier look at the Engine shows and a later one at the database does not know is an orphan. A container of
 * an orphan holds nothing that lasts, a volume does: it goes when that is known to be wanted, else after a quarantine.
 */
export function planReconcile ({ containers, volumes, networks, projects, deleted, quarantined, quarantineMs }: Snapshot): ReconcilePlan {
  const containerOf = new Map(containers.map((container) => [container.projectId, container]))
  const isOrphan = ({ projectId }: { projectId: string }): boolean => !projects.has(projectId)
  const orphans = volumes.filter(isOrphan)
  const isDue = ({ name, projectId }: { name: string, projectId: string }): boolean => deleted.has(projectId) || (quarantined.get(name) ?? -1) >= quarantineMs
  const isUnused = containers.length === 0 && [...projects.values()].every(({ status, isLeased }) => !isLeased && status !== 'running')
  return {
    settle: [...projects].filter(([id, project]) => !project.isLeased && settle(project, containerOf.get(id)).kind !== 'keep').map(([id]) => id),
    removeContainers: containers.filter(isOrphan).map(({ id }) => id),
    removeVolumes: orphans.filter(isDue).map(({ name }) => name),
    quarantineVolumes: orphans.filter((volume) => !isDue(volume) && !quarantined.has(volume.name)),
    releaseVolumes: [...quarantined.keys()].filter((known) => !orphans.some(({ name }) => name === known)),
    removeNetworks: isUnused ? networks.map(({ id }) => id) : []
  }
}
