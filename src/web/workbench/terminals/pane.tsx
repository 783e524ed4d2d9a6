import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Menu } from '../../ui/menu.tsx'
import { TabList } from '../../ui/tab-list.tsx'
import { useWorkbench } from '../workbench.ts'
import type { TerminalTab } from './terminal-tab.ts'
import { TerminalView } from './terminal-view.tsx'

/** The shells of the project behind their tabs. All of them stay attached while the page is open. */
export function TerminalsPane () {
  const { terminals, texts, layout, project, preferences, attempt, console: { texts: { shell }, confirmations } } = useWorkbench()
  const { terminal: words } = texts
  const renaming = useSignal<TerminalTab | undefined>(undefined)
  // Nothing is begun for a panel that nobody has seen.
  const hasBeenShown = useRef(false)
  hasBeenShown.current ||= layout.isPanelShown.value
  const tabs = terminals.tabs.value
  const shown = terminals.shown.value

  const nameOf = (tab: TerminalTab): string => layout.names.value[tab.terminalId.value ?? ''] ?? tab.program?.name ?? (tab.title.value || words.name(tab.number))
  function openNew (): void {
    terminals.openNew().focus()
  }
  function end (tab: TerminalTab): void {
    attempt(async () => {
      const isOver = tab.state.peek().name === 'ended'
      if (!isOver && !await confirmations.ask({ title: words.endOf(nameOf(tab)), text: words.endText, action: words.end })) return
      await terminals.end(tab)
      terminals.shown.peek()?.focus()
    })
  }

  // Those of other windows, too.
  useEffect(() => {
    const look = (): void => { void terminals.load().catch(() => undefined) }
    window.addEventListener('focus', look)
    return () => window.removeEventListener('focus', look)
  }, [])
  // For the developer tools.
  useEffect(() => { Object.assign(window, { berth: shown?.handle }) }, [shown, shown?.screen.value])

  return (
    <section class="pane pane-panel" aria-label={texts.panes.panel}>
      <div class="panel-head">
        {tabs.length > 0 && (
          <TabList
            id="terminal-tab" label={words.tabs} class="terminal-tabs" panel="terminal" current={shown?.id}
            onChange={(id) => {
              const tab = tabs.find((other) => other.id === id)
              if (tab !== undefined) terminals.show(tab)
            }}
            onClose={(id) => {
              const tab = tabs.find((other) => other.id === id)
              if (tab !== undefined) end(tab)
            }}
            tabs={tabs.map((tab) => ({ id: tab.id, label: nameOf(tab), title: nameOf(tab), content: <span class="tab-name">{nameOf(tab)}</span> }))}
          />
        )}
        {project.canEdit.value && <button type="button" class="tool" aria-label={words.new} title={words.new} onClick={openNew}><Icon name="add" /></button>}
        <div class="tools" role="group" aria-label={words.tools}>
          {shown !== undefined && (
            <>
              <button type="button" class="tool" aria-label={words.find} title={`${words.find} (Ctrl+Shift+F)`} aria-keyshortcuts="Control+Shift+F" onClick={() => { shown.isSearching.value = true }}><Icon name="find" /></button>
              <button type="button" class="tool" aria-label={words.end} title={words.end} onClick={() => end(shown)}><Icon name="delete" /></button>
              <Menu label={words.more} button="⋯" class="tool" groups={[
                ...(shown.program === undefined ? [[{ label: words.rename, onPress: () => { renaming.value = shown } }]] : []),
                [
                  { label: words.speak, isChosen: shown.speaks.value, onPress: () => { shown.setSpeaks(!shown.speaks.peek()); shown.focus() } },
                  { label: words.copies, isChosen: preferences.copiesSelection.value, onPress: () => { preferences.copiesSelection.value = !preferences.copiesSelection.peek() } }
                ]
              ]} />
            </>
          )}
          <button type="button" class="tool" aria-label={words.closePanel} title={words.closePanel} onClick={() => { layout.isPanelShown.value = false; layout.pane.value = 'code' }}><Icon name="close" /></button>
        </div>
      </div>
      <div id="terminal" class="terminals" {...(shown === undefined ? {} : { role: 'tabpanel', 'aria-labelledby': `terminal-tab-${shown.id}` })}>
        {hasBeenShown.current && tabs.map((tab) => <TerminalView key={tab.id} tab={tab} isShown={tab === shown} />)}
        {terminals.hasLoaded.value && tabs.length === 0 && <p class="placeholder"><span class="quiet">{words.none}</span>{project.canEdit.value && <Button kind="primary" onPress={openNew}>{words.new}</Button>}</p>}
      </div>
      {renaming.value !== undefined && (
        <Dialog title={words.renameTitle} isTitleShown={false} onClose={() => { renaming.value = undefined }}>
          <Form
            title={words.renameTitle} action={words.rename} foot={<Button onPress={() => { renaming.value = undefined }}>{shell.cancel}</Button>}
            onSubmit={async (fields) => {
              const id = renaming.peek()?.terminalId.peek()
              const { [id ?? '']: _old, ...others } = layout.names.peek()
              const name = fields['name']?.trim() ?? ''
              if (id !== undefined) layout.names.value = name === '' ? others : { ...others, [id]: name }
              renaming.value = undefined
            }}
          >
            <Field label={words.nameField} name="name" defaultValue={nameOf(renaming.value)} maxLength={60} autocomplete="off" autoFocus />
          </Form>
        </Dialog>
      )}
    </section>
  )
}
