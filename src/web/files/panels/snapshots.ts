import type { Api } from '../../api/client.ts'
import { messageOf } from '../../words.ts'
import { find, showMessage } from '../../dom.ts'
import type { Confirm } from './dialogs.ts'
import { describeSnapshot, titleOf, type Snapshot } from './snapshot-words.ts'

export interface SnapshotsOptions {
  readonly page: Document
  readonly api: Api
  /** The project's address in the API. */
  readonly projectPath: string
  readonly confirm: Confirm
  readonly onRestored: () => void
}

interface SnapshotPage {
  readonly snapshots: Snapshot[]
  readonly nextCursor: string | null
}

/** The dialog with a project's snapshots: take one, go back to one, delete one. */
export function createSnapshotsDialog ({ page, api, projectPath, confirm, onRestored }: SnapshotsOptions): void {
  const dialog = find(page, '#snapshots-dialog', HTMLDialogElement)
  const form = find(dialog, '#take-snapshot', HTMLFormElement)
  const name = find(form, 'input', HTMLInputElement)
  const problem = find(dialog, '#snapshots-problem', HTMLElement)
  const state = find(dialog, '#snapshots-state', HTMLElement)
  const list = find(dialog, '#snapshot-list', HTMLUListElement)
  const template = find(page, '#snapshot-template', HTMLTemplateElement)

  async function fetchAll (): Promise<Snapshot[]> {
    const snapshots: Snapshot[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const answer: SnapshotPage = await api.get(`${projectPath}/snapshots?limit=200${query}`)
      snapshots.push(...answer.snapshots)
      cursor = answer.nextCursor
    } while (cursor !== null)
    return snapshots
  }

  async function refresh (): Promise<void> {
    const snapshots = await fetchAll()
    list.replaceChildren(...snapshots.map(createItem))
    state.textContent = snapshots.length === 0 ? 'None yet. A snapshot keeps all files as they are now.' : ''
  }

  /** Says what it does while it does it, and what went wrong. */
  async function act (doing: string, action: () => Promise<void>): Promise<void> {
    showMessage(problem, undefined)
    state.textContent = doing
    dialog.ariaBusy = 'true'
    try {
      await action()
      await refresh()
    } catch (error) {
      state.textContent = ''
      showMessage(problem, messageOf(error))
    } finally {
      dialog.ariaBusy = null
    }
  }

  async function take (): Promise<void> {
    const given = name.value.trim()
    await api.post(`${projectPath}/snapshots`, given === '' ? {} : { name: given })
    form.reset()
  }

  async function restore (snapshot: Snapshot): Promise<void> {
    const text = 'All files become those of the snapshot. What is there now is kept in a snapshot of its own first.'
    if (!await confirm({ title: `Go back to “${titleOf(snapshot)}”?`, text, action: 'Restore' })) return
    await act('Restoring…', async () => {
      await api.post(`${projectPath}/snapshots/${snapshot.id}/restore`)
      onRestored()
    })
  }

  async function remove (snapshot: Snapshot): Promise<void> {
    if (!await confirm({ title: `Delete “${titleOf(snapshot)}”?`, text: 'The snapshot goes for good.', action: 'Delete' })) return
    await act('Deleting…', async () => await api.delete(`${projectPath}/snapshots/${snapshot.id}`))
  }

  function createItem (snapshot: Snapshot): HTMLLIElement {
    const item = find(template.content.cloneNode(true) as DocumentFragment, 'li', HTMLLIElement)
    const title = titleOf(snapshot)
    const button = (selector: string, label: string, action: (snapshot: Snapshot) => Promise<void>): void => {
      const element = find(item, selector, HTMLButtonElement)
      element.ariaLabel = `${label} ${title}`
      element.addEventListener('click', () => void action(snapshot))
    }
    find(item, '.snapshot-name', HTMLElement).textContent = title
    find(item, '.detail', HTMLElement).textContent = describeSnapshot(snapshot)
    button('.restore', 'Restore', restore)
    button('.remove', 'Delete', remove)
    return item
  }

  find(page, '#snapshots', HTMLButtonElement).addEventListener('click', () => {
    dialog.showModal()
    void act('Loading…', async () => undefined)
  })
  find(dialog, '#close-snapshots', HTMLButtonElement).addEventListener('click', () => dialog.close())
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void act('Taking a snapshot…', take)
  })
}
