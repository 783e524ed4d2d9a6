import type { Api } from '../api/client.ts'
import type { Project, ProjectDetails } from '../api/types.ts'
import { find } from '../dom.ts'
import { createProjectItem } from './project-item.ts'

interface Page {
  readonly projects: Project[]
  readonly nextCursor: string | null
}

/** The list of the user's projects, in the order of the API. */
export function createProjectList (page: Document, api: Api, onChanged: () => void) {
  const list = find(page, '#projects', HTMLUListElement)
  const empty = find(page, '#empty', HTMLElement)
  const template = find(page, '#project-template', HTMLTemplateElement)
  const dialog = find(page, '#confirm', HTMLDialogElement)
  const items = new Map<string, ReturnType<typeof createProjectItem>>()

  async function confirmDeletion ({ name }: Project): Promise<boolean> {
    find(dialog, '#confirm-title', HTMLElement).textContent = `Delete “${name}”?`
    dialog.returnValue = 'cancel'
    dialog.showModal()
    return await new Promise((resolve) => {
      dialog.addEventListener('close', () => resolve(dialog.returnValue === 'delete'), { once: true })
    })
  }

  async function fetchProjects (): Promise<Project[]> {
    const projects: Project[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const answer: Page = await api.get<Page>(`/projects?limit=100${query}`)
      projects.push(...answer.projects)
      cursor = answer.nextCursor
    } while (cursor !== null)
    return projects
  }

  async function fetchDetails ({ id, status }: Project): Promise<ProjectDetails | undefined> {
    if (status === 'stopped') return undefined
    return await api.get<ProjectDetails>(`/projects/${id}/status`)
  }

  function show (projects: ReadonlyArray<readonly [Project, ProjectDetails | undefined]>): void {
    const ids = new Set(projects.map(([{ id }]) => id))
    for (const [id, { element }] of items) {
      if (ids.has(id)) continue
      element.remove()
      items.delete(id)
    }
    projects.forEach(([project, details], index) => {
      let item = items.get(project.id)
      if (item === undefined) {
        item = createProjectItem({ template, project, api, confirmDeletion, onChanged })
        items.set(project.id, item)
      }
      item.update(project, details)
      // Moving an element takes the focus from it.
      if (list.children[index] !== item.element) list.insertBefore(item.element, list.children[index] ?? null)
    })
    empty.hidden = projects.length > 0
  }

  return {
    async refresh (): Promise<void> {
      const projects = await fetchProjects()
      const details = await Promise.allSettled(projects.map(fetchDetails))
      show(projects.map((project, index) => {
        const result = details[index]
        return [project, result?.status === 'fulfilled' ? result.value : undefined]
      }))
    },
    clear (): void {
      show([])
      empty.hidden = true
    }
  }
}
