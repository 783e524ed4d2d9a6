import type { Api } from './api/client.ts'
import type { ProjectDetails } from './api/types.ts'
import { find } from './dom.ts'
import { poll } from './poll.ts'
import { describeStop } from './stop.ts'

const REFRESH_MS = 30_000

/** Says in the bar when the project will be stopped, and puts that off for whoever presses the button. */
export function showCountdown (page: Document, api: Api, projectId: string): void {
  const text = find(page, '#countdown', HTMLElement)
  const button = find(page, '#keep-running', HTMLButtonElement)
  const path = `/projects/${encodeURIComponent(projectId)}`

  function show (details: ProjectDetails): void {
    text.textContent = describeStop(details, new Date())
    button.hidden = text.textContent === ''
  }

  // The page works without it: what goes wrong here, its connection says as well.
  const updates = poll(async () => await api.get<ProjectDetails>(`${path}/status`).then(show, () => undefined), REFRESH_MS)
  button.addEventListener('click', () => { api.post(`${path}/start`).then(updates.now, () => undefined) })
}
