import { useSignal } from '@preact/signals'
import { describeAgo, describeTime, minutesLeft } from '../../ago.ts'
import type { Project, ProjectDetails } from '../../api/types.ts'
import { otherPorts } from '../../port-links.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { Menu, type MenuItem } from '../../ui/menu.tsx'

/** One project: how it is, where one can go, and what can be done with it. */
export function ProjectCard ({ project, details, dueAt, onChanged }: { readonly project: Project, readonly details: ProjectDetails | undefined, readonly dueAt: string | undefined, readonly onChanged: () => Promise<void> }) {
  const { api, texts: { home: texts, locale, shell }, confirmations } = useConsole()
  const attempt = useAttempt()
  const isRenaming = useSignal(false)
  const now = useNow()
  const { id, name, runtime, status, role, error, lastActiveAt } = project
  const isRunning = status === 'running'
  const canStart = status === 'stopped' || status === 'error'
  const previewUrl = isRunning ? details?.preview.url ?? null : null

  const act = async (action: () => Promise<unknown>): Promise<void> => {
    await attempt(action)
    await onChanged()
  }
  async function remove (): Promise<void> {
    const isConfirmed = await confirmations.ask({ title: texts.removeOf(name), text: texts.removeText, action: texts.remove })
    if (isConfirmed) await act(async () => await api.delete(`/projects/${id}`))
  }

  const left = details === undefined ? undefined : minutesLeft({ status, stopsAt: details.stopsAt }, now)
  const facts = [
    runtime,
    left === undefined ? texts.used(describeAgo(lastActiveAt, now, locale)) : texts.stops(left),
    texts.role[role],
    dueAt === undefined ? '' : texts.due(describeTime(dueAt, locale))
  ]
  const mine: MenuItem[] = [
    { label: texts.rename, onPress: () => { isRenaming.value = true } },
    { label: texts.remove, isDangerous: true, onPress: remove }
  ]
  const any: MenuItem[] = [
    { label: texts.download, onPress: () => location.assign(`/projects/${id}/archive?format=zip`) },
    { label: shell.settings, href: `/p/${id}/settings` },
    ...(role === 'viewer' ? [] : [{ label: texts.duplicate, onPress: async () => await act(async () => await api.post(`/projects/${id}/fork`, {})) }])
  ]

  return (
    <li class="card project">
      <div class="project-head">
        <h2 class="name"><a href={`/p/${id}`}>{name}</a></h2>
        <span class="status" data-status={status}>{texts.status[status]}</span>
      </div>
      <p class="quiet detail">{facts.filter((fact) => fact !== '').join(' · ')}</p>
      {error !== null && <p class="problem">{error}</p>}
      <div class="actions">
        <a class="button primary" href={`/p/${id}`} aria-label={texts.filesOf(name)}>{texts.files}</a>
        {role !== 'viewer' && <a class="button" href={`/p/${id}?terminal=latest`} aria-label={texts.terminalOf(name)}>{texts.terminal}</a>}
        {previewUrl !== null && <a class="button" target="_blank" rel="noopener" href={previewUrl} aria-label={texts.previewOf(name)}>{texts.preview}</a>}
        {isRunning && details !== undefined && otherPorts(details).map(({ port, url }) => (
          <a key={port} class="button" target="_blank" rel="noopener" href={url} aria-label={texts.portOf(port, name)}>{texts.port(port)}</a>
        ))}
        {role !== 'viewer' && (
          <Button
            class="last" aria-label={canStart ? texts.startOf(name) : texts.stopOf(name)}
            onPress={async () => await act(async () => await api.post(`/projects/${id}/${canStart ? 'start' : 'stop'}`))}
          >{canStart ? texts.start : texts.stop}</Button>
        )}
        <Menu label={texts.more(name)} button="⋯" class="icon" groups={role === 'owner' ? [any, mine] : [any]} />
      </div>
      {isRenaming.value && (
        <Dialog title={texts.renameOf(name)} isTitleShown={false} onClose={() => { isRenaming.value = false }}>
          <Form
            title={texts.renameOf(name)} action={texts.rename} foot={<Button onPress={() => { isRenaming.value = false }}>{shell.cancel}</Button>}
            onSubmit={async (fields) => {
              await api.patch(`/projects/${id}`, { name: fields['name']?.trim() })
              isRenaming.value = false
              await onChanged()
            }}
          >
            <Field label={texts.name} name="name" defaultValue={name} maxLength={100} pattern=".*\S.*" required autocomplete="off" autoFocus />
          </Form>
        </Dialog>
      )}
    </li>
  )
}
