import { useEffect } from 'preact/hooks'
import { runShown } from './run.ts'
import type { Workbench } from './workbench.ts'

const PANES = ['.pane-files [tabindex="0"]', '.pane-code .cm-content', '.pane-panel [data-shown="true"] textarea', '.pane-preview input']

/** What can be done here, for the palette and the keys. */
export function useCommands (workbench: Workbench): void {
  const { editors, layout, finding, terminals, texts: { commands: names }, attempt, project, console: { commands } } = workbench
  const canEdit = project.canEdit.value

  useEffect(() => commands.register([
    {
      id: 'save', title: names.save, keys: ['Ctrl+S'],
      run: () => {
        const tab = editors.shown.peek()
        if (tab?.kind === 'text' && project.canEdit.peek()) attempt(tab.document.save)
      }
    },
    { id: 'find-file', title: names.findFile, keys: ['Ctrl+P'], run: () => { finding.value = 'name' } },
    { id: 'find-text', title: names.findText, keys: ['Ctrl+Shift+F'], run: () => { finding.value = 'text' } },
    { id: 'side', title: names.side, keys: ['Ctrl+B'], run: () => { layout.isSideShown.value = !layout.isSideShown.peek() } },
    {
      id: 'panel', title: names.panel, keys: ['Ctrl+`'], isGlobal: true,
      run () {
        layout.isPanelShown.value = !layout.isPanelShown.peek()
        if (!layout.isPanelShown.peek()) {
          const tab = editors.shown.peek()
          if (tab?.kind === 'text') tab.editor.focus()
        } else if (terminals.tabs.peek().length > 0 || !project.canEdit.peek()) setTimeout(() => terminals.shown.peek()?.focus())
        else attempt(async () => { (await terminals.open('latest')).focus() })
      }
    },
    { id: 'preview', title: names.preview, run: () => { layout.isPreviewShown.value = !layout.isPreviewShown.peek() } },
    { id: 'next-pane', title: names.nextPane, keys: ['F6'], isGlobal: true, run: focusNextPane },
    ...(canEdit ? [{ id: 'run', title: names.run, keys: ['Ctrl+Enter'], run: () => attempt(async () => await runShown(workbench)) }, { id: 'new-terminal', title: names.newTerminal, run: openTerminal }] : [])
  ]), [canEdit])

  function openTerminal (): void {
    layout.isPanelShown.value = true
    terminals.openNew().focus()
  }
}

/** Of those that are shown. */
function focusNextPane (): void {
  const targets = PANES.map((selector) => [...document.querySelectorAll<HTMLElement>(selector)].find((element) => element.checkVisibility())).filter((element) => element !== undefined)
  const at = targets.findIndex((element) => element.closest('.pane')?.contains(document.activeElement) === true)
  targets[(at + 1) % targets.length]?.focus()
}
