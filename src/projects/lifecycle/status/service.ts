import { setTimeout as sleep } from 'node:timers/promises'
import { errors } from '../../../errors.ts'
import type { ListeningPort } from '../../../sandbox/agent-protocol.ts'
import type { NetworkReport } from '../../../sandbox/network/project-network.ts'
import type { Activity } from '../activity.ts'
import type { Listening } from './listening.ts'
import type { ProjectRepo, ProjectRow } from '../../core/repo.ts'
import type { ProjectStatusReport } from '../../core/schemas.ts'
import type { Usage } from './usage.ts'

/** How large a project's files are. */
export interface FilesSize {
  /** Bytes on the disk, as last measured; null until this server has had to do with the project's files. */
  readonly size: number | null
  readonly limit: number
  /** Files, directories and links, likewise. */
  readonly entries: number | null
  readonly entriesLimit: number
}

export type ReadFilesSize = (projectId: string, runningIn: string | undefined) => Promise<FilesSize>

/** What is known of a project's snapshots. */
export interface SnapshotState {
  readonly newestAt: Date | null
  readonly checkedAt: Date | null
  readonly error: string | null
  /** When the Engine had lost the volume and it was made anew, with or without a snapshot's files. */
  readonly recovered: { at: Date, isRestored: boolean } | null
}

const LISTENING_DEADLINE_MS = 3_000

/** What a project is doing, from the database and, for a running one, the Engine. */
export function createStatusService ({ repo, activity, readUsage, readFilesSize, listening, readSnapshots, describeNetwork, previewUrlOf, previewPort, previewPortOf, isBusy, idleMs, idleMaxMs, now = Date.now }: {
  repo: ProjectRepo
  activity: Activity
  readUsage: (containerId: string, startedAt: Date) => Promise<Usage | null>
  readFilesSize: ReadFilesSize
  listening: Listening
  readSnapshots: (projectId: string) => Promise<SnapshotState>
  describeNetwork: () => Promise<NetworkReport>
  previewUrlOf: (address: { projectId: string, port: number }) => string
  /** Of projects that do not say another one, and published. */
  previewPort: number
  /** What a running project says. */
  previewPortOf: (projectId: string) => Promise<number | undefined>
  /** Whether something is at work in a running project without a word. */
  isBusy: (projectId: string, idleMs: number) => Promise<boolean>
  idleMs: number
  /** Of one that is kept awake. */
  idleMaxMs: number
  now?: () => number
}) {
  async function listenersOf (containerId: string): Promise<ListeningPort[]> {
    try {
      return await listening(containerId, AbortSignal.timeout(LISTENING_DEADLINE_MS))
    } catch {
      return [] // The container has just ended, has no room for one more process, or lets nothing answer.
    }
  }

  async function portOf (projectId: string): Promise<number> {
    return await Promise.race([previewPortOf(projectId), sleep(LISTENING_DEADLINE_MS, undefined, { ref: false })]) ?? previewPort
  }

  async function whyUnpublished (network: ProjectRow['network'], port: number): Promise<string> {
    if (port !== previewPort) return `Only port ${previewPort} is published`
    if (network === 'none') return 'The project has no network'
    const { egress, problem } = await describeNetwork()
    return problem ?? (egress === 'none' ? 'Projects have no network on this server' : 'It was started when the port could not be published; start it again')
  }

  /** `isBrief` leaves out what has to be asked of the container: usage alone may take a second. */
  return async (id: string, { isBrief = false } = {}): Promise<ProjectStatusReport> => {
    const row = await repo.findWithContainer(id)
    if (row === undefined) throw new errors.PROJECT_NOT_FOUND()
    const { status, error, ...project } = row.project
    // What works without a word is asked for when it matters.
    if (status === 'running' && !isBrief && now() - project.lastActiveAt.getTime() > idleMs / 2 && await isBusy(row.project.id, idleMs / 2).catch(() => false)) activity.touch(row.project.id)
    // What was done on this server in the last seconds is not in the database yet.
    const ageMs = activity.ageMs(row.project.id)
    const lastActiveMs = Math.max(project.lastActiveAt.getTime(), ageMs === undefined ? 0 : now() - ageMs)
    const lastActiveAt = new Date(lastActiveMs).toISOString()
    const container = status === 'running' ? row.container : null
    const [usage, files, ports, port, { newestAt, checkedAt, error: snapshotError, recovered }] = await Promise.all([
      isBrief || container?.startedAt == null ? null : readUsage(container.containerId, container.startedAt),
      readFilesSize(row.project.id, isBrief ? undefined : container?.containerId),
      isBrief || container === null ? [] : listenersOf(container.containerId),
      container === null ? previewPort : portOf(row.project.id),
      readSnapshots(row.project.id)
    ])
    const hostPort = port === previewPort ? container?.previewHostPort ?? null : null
    const hostPortReason = container === null || hostPort !== null ? null : await whyUnpublished(project.network, port)
    return {
      status,
      error,
      containerId: container?.containerId ?? null,
      startedAt: container?.startedAt?.toISOString() ?? null,
      lastActiveAt,
      stopsAt: status === 'running' ? new Date(lastActiveMs + (row.isKeptAwake ? idleMaxMs : idleMs)).toISOString() : null,
      preview: { port, url: previewUrlOf({ projectId: row.project.id, port }), hostPort, hostPortReason },
      ports,
      usage,
      files,
      snapshot: { newestAt: newestAt?.toISOString() ?? null, checkedAt: checkedAt?.toISOString() ?? null, error: snapshotError },
      recovered: recovered === null ? null : { at: recovered.at.toISOString(), isRestored: recovered.isRestored }
    }
  }
}
export type StatusService = ReturnType<typeof createStatusService>
