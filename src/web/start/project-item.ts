import type { Api } from '../api/client.ts'
import { messageOf } from '../../client/rest/error.ts'
import type { Project, ProjectDetails, ProjectStatus } from '../api/types.ts'
import { find, showMessage } from '../dom.ts'
import { describeProject } from './describe-project.ts'
import { otherPorts } from '../port-links.ts'

export interface ProjectItemOptions {
  readonly template: HTMLTemplateElement
  readonly project: Project
  readonly api: Api
  readonly confirmDeletion: (project: Project) => Promise<boolean>
  readonly onChanged: () => void
}

const canStart: readonly ProjectStatus[] = ['stopped', 'error']

/** One project of the list. It is brought up to date in place, so that the keyboard's focus stays where it is. */
export function createProjectItem ({ template, project, api, confirmDeletion, onChanged }: ProjectItemOptions) {
  const element = find(template.content.cloneNode(true) as DocumentFragment, 'li', HTMLLIElement)
  const status = find(element, '.status', HTMLElement)
  const detail = find(element, '.detail', HTMLElement)
  const problem = find(element, '.problem', HTMLElement)
  const terminal = find(element, '.terminal', HTMLAnchorElement)
  const files = find(element, '.files', HTMLAnchorElement)
  const preview = find(element, '.preview', HTMLAnchorElement)
  const ports = find(element, '.ports', HTMLElement)
  const power = find(element, '.power', HTMLButtonElement)
  const remove = find(element, '.delete', HTMLButtonElement)
  let shown = project
  let refusal: string | undefined

  find(element, '.name', HTMLElement).textContent = project.name
  terminal.href = `/terminal.html?project=${project.id}`
  terminal.setAttribute('aria-label', `Terminal of ${project.name}`)
  files.href = `/files.html?project=${project.id}`
  files.setAttribute('aria-label', `Files of ${project.name}`)
  preview.setAttribute('aria-label', `Preview of ${project.name}`)
  remove.setAttribute('aria-label', `Delete ${project.name}`)

  async function act (action: () => Promise<void>): Promise<void> {
    refusal = undefined
    power.disabled = remove.disabled = true
    try {
      await action()
    } catch (error) {
      refusal = messageOf(error)
      showMessage(problem, refusal)
    } finally {
      power.disabled = remove.disabled = false
      onChanged()
    }
  }

  power.addEventListener('click', () => {
    const verb = canStart.includes(shown.status) ? 'start' : 'stop'
    showStatus(verb === 'start' ? 'starting' : 'stopping')
    void act(async () => await api.post(`/projects/${project.id}/${verb}`))
  })
  remove.addEventListener('click', () => {
    void confirmDeletion(project).then((isConfirmed) => {
      if (isConfirmed) void act(async () => await api.delete(`/projects/${project.id}`))
    })
  })

  function showStatus (value: ProjectStatus): void {
    status.textContent = value
    status.dataset['status'] = value
    power.textContent = canStart.includes(value) ? 'Start' : 'Stop'
    power.setAttribute('aria-label', `${power.textContent} ${project.name}`)
  }

  function showPorts (links: ReturnType<typeof otherPorts>): void {
    const shownPorts = Array.from(ports.children, (link) => link.textContent)
    const labels = links.map(({ port }) => `Port ${port}`)
    ports.hidden = labels.length === 0
    if (labels.join() === shownPorts.join()) return
    ports.replaceChildren(...links.map(({ url }, index) => {
      const link = preview.cloneNode() as HTMLAnchorElement
      link.hidden = false
      link.href = url
      link.textContent = labels[index] ?? ''
      link.setAttribute('aria-label', `${link.textContent} of ${project.name}`)
      return link
    }))
  }

  function update (next: Project, details: ProjectDetails | undefined): void {
    shown = next
    showStatus(next.status)
    detail.textContent = describeProject(next, details, new Date())
    showMessage(problem, refusal ?? next.error ?? undefined)
    const url = details?.preview.url ?? ''
    preview.href = url
    preview.hidden = next.status !== 'running' || url === ''
    showPorts(details === undefined || next.status !== 'running' ? [] : otherPorts(details))
  }

  update(project, undefined)
  return { element, update }
}
