import { signal } from '@preact/signals'
import type { Api } from '../../api/client.ts'
import type { Invitation, Project, ProjectDetails } from '../../api/types.ts'

interface ProjectPage {
  readonly projects: Project[]
  readonly nextCursor: string | null
}

const QUIET_MS = 150
/** When a project stops is put off by whoever uses it, which is no event: it is asked for again when it would be about to. */
const BEFORE_STOP_MS = 60_000
/** Not more often than that, whatever a server's times are. */
const REST_MS = 60_000

/** The user's projects and invitations, read again when the server says that something has changed. */
export function createProjects ({ api, onError }: { api: Api, onError: (error: unknown) => void }) {
  const list = signal<readonly Project[] | undefined>(undefined)
  const details = signal<ReadonlyMap<string, ProjectDetails>>(new Map())
  /** When copies of assignments are due, by project. */
  const due = signal<ReadonlyMap<string, string>>(new Map())
  const invitations = signal<readonly Invitation[]>([])
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopTimer: ReturnType<typeof setTimeout> | undefined
  let stream: EventSource | undefined
  let isStopped = false

  async function fetchAll (): Promise<Project[]> {
    const projects: Project[] = []
    let cursor: string | null = null
    do {
      const page: ProjectPage = await api.get<ProjectPage>(`/projects?limit=100${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)
      projects.push(...page.projects)
      cursor = page.nextCursor
    } while (cursor !== null)
    return projects
  }

  async function fetchDetails (projects: readonly Project[]): Promise<Map<string, ProjectDetails>> {
    const running = projects.filter(({ status }) => status !== 'stopped')
    const found = await Promise.all(running.map(async ({ id }) => await api.get<ProjectDetails>(`/projects/${id}/status`).then((answer) => [id, answer] as const, () => undefined)))
    return new Map(found.filter((entry) => entry !== undefined))
  }

  async function load (): Promise<void> {
    try {
      const projects = await fetchAll()
      invitations.value = (await api.get<{ invitations: Invitation[] }>('/invitations')).invitations
      const { copies } = await api.get<{ copies: ReadonlyArray<{ project: string, dueAt: string | null }> }>('/assignments/copies')
      due.value = new Map(copies.flatMap(({ project, dueAt }) => dueAt === null ? [] : [[project, dueAt]]))
      list.value = projects
      showDetails(await fetchDetails(projects))
    } catch (error) {
      if (!isStopped) onError(error)
    }
  }

  function loadSoon (): void {
    clearTimeout(timer)
    timer = setTimeout(() => void load(), QUIET_MS)
  }

  function showDetails (found: ReadonlyMap<string, ProjectDetails>): void {
    clearTimeout(stopTimer)
    details.value = found
    const stops = [...found.values()].flatMap(({ stopsAt }) => stopsAt === null ? [] : [Date.parse(stopsAt)])
    if (stops.length === 0 || isStopped) return
    stopTimer = setTimeout(() => void refresh(), Math.max(REST_MS, Math.min(...stops) - Date.now() - BEFORE_STOP_MS))
  }

  /** Of those that are about to be stopped. */
  async function refresh (): Promise<void> {
    const isDue = ({ stopsAt }: ProjectDetails): boolean => stopsAt !== null && Date.parse(stopsAt) - Date.now() <= BEFORE_STOP_MS + REST_MS
    const due = (list.peek() ?? []).filter(({ id }) => { const known = details.peek().get(id); return known !== undefined && isDue(known) })
    showDetails(new Map([...details.peek(), ...await fetchDetails(due)]))
  }

  /** Ports that programs open are no events either: whoever comes back to the window sees them. */
  const look = (): void => { if (!document.hidden) loadSoon() }

  function follow (): void {
    stream = new EventSource('/api/events')
    for (const type of ['reset', 'project', 'clone', 'process']) stream.addEventListener(type, loadSoon)
    // It comes back by itself, unless the server has refused: whether somebody is still signed in, the next answer says.
    stream.addEventListener('error', () => { if (stream?.readyState === EventSource.CLOSED) loadSoon() })
  }

  return {
    list,
    details,
    due,
    invitations,
    load,
    start (): void {
      void load()
      follow()
      document.addEventListener('visibilitychange', look)
    },
    stop (): void {
      isStopped = true
      clearTimeout(timer)
      clearTimeout(stopTimer)
      document.removeEventListener('visibilitychange', look)
      stream?.close()
    }
  }
}
