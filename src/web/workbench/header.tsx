import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { useAttempt } from '../shell/console.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Menu, type MenuItem } from '../ui/menu.tsx'
import { SnapshotsDialog } from './snapshots/dialog.tsx'
import { useWorkbench } from './workbench.ts'

/** In the bar of the page: which project, how it is, and what is about all of it. */
export function WorkbenchHeader () {
  const { project, layout, texts, link, console: { texts: { home }, api, toasts, commands } } = useWorkbench()
  const { header: words } = texts
  const attempt = useAttempt()
  const areSnapshotsShown = useSignal(false)
  const known = project.project.value
  const previewUrl = project.previewUrl.value
  const archive = (): void => location.assign(`${project.path}/archive?format=zip`)

  useEffect(() => commands.register([
    { id: 'snapshots', title: texts.commands.snapshots, run: () => { areSnapshotsShown.value = true } },
    { id: 'download-all', title: texts.commands.downloadAll, run: archive }
  ]), [])

  async function copy (text: string): Promise<void> {
    await attempt(async () => {
      await navigator.clipboard.writeText(text)
      toasts.say(words.copied)
    })
  }
  async function setPreviews (previews: 'public' | 'private'): Promise<void> {
    await attempt(async () => {
      await api.patch(project.path, { previews })
      await project.load()
      toasts.say(previews === 'public' ? words.nowPublic : words.nowPrivate)
    })
  }

  if (known === undefined) return null
  const { name, status, role, previews } = known
  const canStart = status === 'stopped' || status === 'error'
  const share: MenuItem[] = [
    { label: words.copyPage, onPress: async () => await copy(link()) },
    ...(previewUrl === null ? [] : [{ label: words.copyPreview, onPress: async () => await copy(previewUrl) }])
  ]
  const visibility: MenuItem = previews === 'public'
    ? { label: words.makePrivate, onPress: async () => await setPreviews('private') }
    : { label: words.makePublic, onPress: async () => await setPreviews('public') }
  const toggles = [
    ['files', words.files, layout.isSideShown], ['terminal', words.terminals, layout.isPanelShown], ['preview', words.preview, layout.isPreviewShown]
  ] as const

  return (
    <>
      <h1>{name}</h1>
      <span class="status" data-status={status}>{home.status[status]}</span>
      {role === 'viewer'
        ? <span class="quiet view-only">{words.viewOnly}</span>
        : (
          <>
            <Button kind="primary" class="small" aria-keyshortcuts="Control+Enter Meta+Enter" onPress={() => commands.run('run')}>{words.run}</Button>
            <Button class="small" onPress={async () => await attempt(async () => { await api.post(`${project.path}/${canStart ? 'start' : 'stop'}`); await project.load() })}>{canStart ? words.start : words.stop}</Button>
          </>
        )}
      <div class="toggles" role="group" aria-label={texts.panes.bar}>
        {toggles.map(([icon, label, shown]) => (
          <button key={icon} type="button" class="tool" aria-label={label} title={label} aria-pressed={shown.value} onClick={() => { shown.value = !shown.peek() }}><Icon name={icon} /></button>
        ))}
      </div>
      <Menu label={words.share} button={<Icon name="share" />} class="tool" groups={role === 'owner' ? [share, [visibility]] : [share]} />
      <Menu label={words.more} button="⋯" class="tool" groups={[[
        { label: texts.header.settings, href: `/p/${project.id}/settings` },
        { label: texts.commands.snapshots, onPress: () => { areSnapshotsShown.value = true } },
        { label: texts.commands.downloadAll, onPress: archive }
      ]]} />
      {areSnapshotsShown.value && <SnapshotsDialog onClose={() => { areSnapshotsShown.value = false }} />}
    </>
  )
}
