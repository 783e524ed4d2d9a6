import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { displayName, fileUrl, nameOf } from '../../../client/files/paths.ts'
import { Button } from '../../ui/button.tsx'
import { TabList } from '../../ui/tab-list.tsx'
import { useWorkbench } from '../workbench.ts'
import type { OpenFile } from './open-file.ts'
import type { Tab } from './editors.ts'

/** The files that are open, and the one that is shown. */
export function EditorPane () {
  const { editors, texts, notice, project, console: { commands, confirmations } } = useWorkbench()
  const tabs = editors.tabs.value
  const shown = editors.shown.value
  const { editor: words } = texts

  async function close (tab: Tab): Promise<void> {
    const name = displayName(nameOf(tab.path.peek()))
    if (tab.kind === 'text' && tab.isUnsaved.peek() && !await confirmations.ask({ title: words.closeOf(name), text: words.closeText, action: words.close })) return
    editors.close(tab)
    const next = editors.shown.peek()
    if (next?.kind === 'text') next.editor.focus()
  }

  useEffect(() => commands.register([
    { id: 'close-file', title: texts.commands.closeFile, keys: ['Alt+W'], run: () => { if (editors.shown.peek() !== undefined) void close(editors.shown.peek() as Tab) } }
  ]), [])

  return (
    <section class="pane pane-code" aria-label={texts.panes.code}>
      {tabs.length > 0 && (
        <TabList
          id="file-tab" label={words.tabs} class="file-tabs" panel="file" current={shown?.id}
          onChange={(id) => {
            const tab = tabs.find((other) => other.id === id)
            if (tab !== undefined) editors.show(tab)
          }}
          onClose={(id) => {
            const tab = tabs.find((other) => other.id === id)
            if (tab !== undefined) void close(tab)
          }}
          tabs={tabs.map((tab) => {
            const path = tab.path.value
            const name = displayName(nameOf(path))
            const isUnsaved = tab.kind === 'text' && tab.isUnsaved.value
            return { id: tab.id, label: isUnsaved ? texts.tree.unsaved(name) : name, title: displayName(path), content: <span class={isUnsaved ? 'tab-name unsaved' : 'tab-name'}>{name}</span> }
          })}
        />
      )}
      {notice.value !== undefined && <p class="notice" role="alert">{notice.value}</p>}
      <div id="file" class="file" {...(shown === undefined ? {} : { role: 'tabpanel', 'aria-labelledby': `file-tab-${shown.id}` })}>
        {shown === undefined && <p class="quiet placeholder">{words.hint}</p>}
        {shown !== undefined && <FileHead tab={shown} canSave={project.canEdit.value} />}
        {shown?.kind === 'text' && <TextFile key={shown.id} file={shown} />}
        {shown?.kind === 'other' && <OtherFile key={shown.id} path={shown.path.value} reason={shown.reason} />}
      </div>
    </section>
  )
}

const PICTURE = /\.(?:png|jpe?g|gif|webp|avif|bmp|ico)$/i

/** A picture is shown, everything else is for other programs. */
function OtherFile ({ path, reason }: { readonly path: string, readonly reason: string }) {
  const { id, texts: { editor: texts } } = useWorkbench()
  const [isBroken, setBroken] = useState(false)
  const url = fileUrl(id, path)
  if (isBroken || url === undefined || !PICTURE.test(path)) return <p class="quiet placeholder">{reason} {texts.downloadInstead}</p>
  return <div class="picture-frame"><img src={url} alt={displayName(nameOf(path))} onError={() => setBroken(true)} /></div>
}

function FileHead ({ tab, canSave }: { readonly tab: Tab, readonly canSave: boolean }) {
  const { id, texts: { editor: texts }, attempt } = useWorkbench()
  const path = tab.path.value
  const state = tab.kind === 'text' ? tab.state.value.name : undefined
  const url = fileUrl(id, path)
  const isIdle = state === 'unchanged' || state === 'saving' || state === 'conflict'
  return (
    <div class="file-head">
      <h2>{displayName(path)}</h2>
      <p class="quiet file-state" role="status">{state === undefined ? '' : texts.states[state]}</p>
      {tab.kind === 'text' && canSave && (
        <Button kind="primary" aria-keyshortcuts="Control+S Meta+S" isBusy={isIdle} onPress={() => attempt(tab.document.save)}>{texts.save}</Button>
      )}
      {url !== undefined && <a class="button" href={`${url}?download=true`} download>{texts.download}</a>}
    </div>
  )
}

function TextFile ({ file }: { readonly file: OpenFile }) {
  const { texts: { editor: texts }, attempt } = useWorkbench()
  const frame = useRef<HTMLDivElement>(null)
  const state = file.state.value.name

  useLayoutEffect(() => {
    if (frame.current !== null) file.editor.show(frame.current)
    return () => file.editor.hide()
  }, [])

  return (
    <>
      {(state === 'conflict' || state === 'gone') && (
        <div class="conflict" role="alert">
          <p>{state === 'gone' ? texts.gone : texts.conflict}</p>
          {state === 'conflict' && (
            <>
              <Button onPress={() => { file.document.takeTheirs(); file.editor.focus() }}>{texts.takeTheirs}</Button>
              <Button onPress={() => { attempt(file.document.keepMine); file.editor.focus() }}>{texts.keepMine}</Button>
            </>
          )}
        </div>
      )}
      <div ref={frame} class="editor" />
    </>
  )
}
