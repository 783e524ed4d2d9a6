import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { messageOf } from '../../words.ts'
import { useWorkbench } from '../workbench.ts'
import { describeSnapshot, titleOf, type Snapshot } from './words.ts'

interface SnapshotPage {
  readonly snapshots: Snapshot[]
  readonly nextCursor: string | null
}

/** A project's snapshots: take one, go back to one, delete one. */
export function SnapshotsDialog ({ onClose }: { readonly onClose: () => void }) {
  const { project, texts: { snapshots: words }, catchUp, console: { api, texts, confirmations } } = useWorkbench()
  const snapshots = useSignal<readonly Snapshot[] | undefined>(undefined)
  const problem = useSignal<string | undefined>(undefined)
  const doing = useSignal('')
  const path = `${project.path}/snapshots`

  async function load (): Promise<void> {
    const found: Snapshot[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page: SnapshotPage = await api.get(`${path}?limit=200${query}`)
      found.push(...page.snapshots)
      cursor = page.nextCursor
    } while (cursor !== null)
    snapshots.value = found
  }

  /** Says what it does while it does it, and what went wrong. */
  async function act (text: string, action: () => Promise<unknown> = async () => undefined): Promise<void> {
    problem.value = undefined
    doing.value = text
    try {
      await action()
      await load()
    } catch (error) {
      problem.value = messageOf(error)
    }
    doing.value = ''
  }

  async function restore (snapshot: Snapshot): Promise<void> {
    if (!await confirmations.ask({ title: words.restoreTitle(titleOf(snapshot, words)), text: words.restoreText, action: words.restore })) return
    await act(words.restoring, async () => {
      await api.post(`${path}/${snapshot.id}/restore`)
      catchUp()
    })
  }

  async function remove (snapshot: Snapshot): Promise<void> {
    if (!await confirmations.ask({ title: words.deleteTitle(titleOf(snapshot, words)), text: words.deleteText, action: words.delete })) return
    await act(words.deleting, async () => await api.delete(`${path}/${snapshot.id}`))
  }

  useEffect(() => { void act(words.loading) }, [])

  const canEdit = project.canEdit.value
  return (
    <Dialog title={words.title} onClose={onClose} isWide>
      {canEdit && (
        <Form
          title={words.take} heading="h3" action={words.take}
          onSubmit={async (fields, form) => {
            const name = fields['name']?.trim() ?? ''
            doing.value = words.taking
            try {
              await api.post(path, name === '' ? {} : { name })
              form.reset()
              await load()
            } finally {
              doing.value = ''
            }
          }}
        >
          <Field label={words.name} name="name" maxLength={100} autocomplete="off" />
        </Form>
      )}
      {problem.value !== undefined && <p class="problem" role="alert">{problem.value}</p>}
      <p class="quiet" role="status">{doing.value !== '' ? doing.value : snapshots.value?.length === 0 ? words.none : ''}</p>
      <ul class="snapshots">
        {snapshots.value?.map((snapshot) => {
          const title = titleOf(snapshot, words)
          return (
            <li key={snapshot.id}>
              <p>{title}</p>
              <p class="quiet detail">{describeSnapshot(snapshot, words, texts.locale)}</p>
              {canEdit && (
                <div class="actions">
                  <Button aria-label={words.restoreOf(title)} onPress={async () => await restore(snapshot)}>{words.restore}</Button>
                  <Button kind="quiet-danger" aria-label={words.deleteOf(title)} onPress={async () => await remove(snapshot)}>{words.delete}</Button>
                </div>
              )}
            </li>
          )
        })}
      </ul>
      <div class="actions"><Button onPress={onClose}>{texts.shell.close}</Button></div>
    </Dialog>
  )
}
