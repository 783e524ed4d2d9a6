import type { Api } from '../api/client.ts'
import type { Project } from '../api/types.ts'
import { find } from '../dom.ts'

/** The project's name, and the ways from here to the rest of it. */
export async function showProject (page: Document, api: Api, projectId: string): Promise<void> {
  const id = encodeURIComponent(projectId)
  find(page, '#archive', HTMLAnchorElement).href = `/projects/${id}/archive?format=zip`
  find(page, '#terminal', HTMLAnchorElement).href = `/terminal.html?project=${id}`
  const { name } = await api.get<Project>(`/projects/${id}`)
  find(page, '#project', HTMLElement).textContent = name
  page.title = `Files of ${name}`
}
