import { signal } from '@preact/signals'
import type { Api } from '../../api/client.ts'
import type { Invitation, Project, ProjectDetails } from '../../api/types.ts'
import { poll, type Poll } from '../../poll.ts'

interface ProjectPage {
  readonly projects: Project[]
  readonly nextCursor: string | null
}

const QUIET_MS = 150
/** Ports that programs open, and when a project stops, are no events. */
const REFRESH_MS = 30_000

/** The user's projects and invitations, read again when the server says that something has changed. */
export function createProjects ({ api, onError }: { api: Api, onError: (error: unknown) => void }) {
  const list = signal<readonly Project[] | undefined>(undefined)
  const details = signal<ReadonlyMap<string, ProjectDetails>>(new Map())
  const invitations = signal<readonly Invitation[]>([])
  let timer: ReturnType<typeof setTimeout> | undefined
  let stream: EventSource | undefined
  let isStopped = false
  let updates: Poll | undefined

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
      list.value = projects
      details.value = await fetchDetails(projects)
    } catch (error) {
      if (!isStopped) onError(error)
    }
  }

  function loadSoon (): void {
    clearTimeout(timer)
    timer = setTimeout(() => void load(), QUIET_MS)
  }

  async function refresh (): Promise<void> {
    details.value = await fetchDetails(list.peek() ?? [])
  }

  function follow (): void {
    stream = new EventSource('/api/events')
    for (const type of ['reset', 'project', 'clone', 'process']) stream.addEventListener(type, loadSoon)
    // It comes back by itself, unless the server has refused: whether somebody is still signed in, the next answer says.
    stream.addEventListener('error', () => { if (stream?.readyState === EventSource.CLOSED) loadSoon() })
  }

  return {
    list,
    details,
    invitations,
    load,
    start (): void {
      void load()
      follow()
      updates = poll(refresh, REFRESH_MS)
    },
    stop (): void {
      isStopped = true
      clearTimeout(timer)
      updates?.stop()
      stream?.close()
    }
  }
}
