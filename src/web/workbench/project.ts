import { computed, signal } from '@preact/signals'
import type { Api } from '../api/client.ts'
import type { Project, ProjectDetails } from '../api/types.ts'
import { poll, type Poll } from '../poll.ts'

const QUIET_MS = 150
/** Ports that programs open, and when a project stops, are no events. */
const REFRESH_MS = 30_000

/** What is known of the project, read again when the server says that something has changed. */
export function createProjectStore ({ api, id, onError }: { api: Api, id: string, onError: (error: unknown) => void }) {
  const project = signal<Project | undefined>(undefined)
  const details = signal<ProjectDetails | undefined>(undefined)
  const path = `/projects/${encodeURIComponent(id)}`
  let timer: ReturnType<typeof setTimeout> | undefined
  let stream: EventSource | undefined
  let updates: Poll | undefined
  let isStopped = false

  async function refresh (): Promise<void> {
    try {
      const next = await api.get<ProjectDetails>(`${path}/status`)
      if (isStopped) return
      details.value = next
      const known = project.peek()
      if (known !== undefined) project.value = { ...known, status: next.status }
    } catch (error) {
      if (!isStopped) onError(error)
    }
  }

  async function load (): Promise<void> {
    try {
      const next = await api.get<Project>(path)
      if (!isStopped) project.value = next
    } catch (error) {
      if (!isStopped) onError(error)
    }
    await refresh()
  }

  function heed ({ data }: MessageEvent<string>): void {
    if (!data.includes(id)) return
    clearTimeout(timer)
    timer = setTimeout(() => void load(), QUIET_MS)
  }

  return {
    id, path, project, details, load, refresh,
    previewUrl: computed(() => details.value?.preview.url ?? null),
    canEdit: computed(() => project.value?.role !== 'viewer'),
    start: (): void => {
      updates = poll(refresh, REFRESH_MS)
      stream = new EventSource('/api/events')
      for (const type of ['project', 'process']) stream.addEventListener(type, heed as (event: Event) => void)
    },
    stop: (): void => {
      isStopped = true
      clearTimeout(timer)
      updates?.stop()
      stream?.close()
    },
    /** Puts off that it stops by itself. */
    keepRunning: async (): Promise<void> => {
      await api.post(`${path}/start`)
      await refresh()
    }
  }
}
