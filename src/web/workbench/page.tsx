import { createPortal } from 'preact/compat'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { closeCodes } from '../../protocols/close-codes.ts'
import { useConsole } from '../shell/console.ts'
import { loadWorkbenchTexts } from '../texts/workbench/load.ts'
import type { WorkbenchTexts } from '../texts/workbench/en.ts'
import { Button } from '../ui/button.tsx'
import { Split } from '../ui/split.tsx'
import { withoutTechnical } from '../words.ts'
import { EditorPane } from './editors/pane.tsx'
import { Finder } from './finder/finder.tsx'
import { WorkbenchHeader } from './header.tsx'
import type { Pane } from './layout.ts'
import { PreviewPane } from './preview/pane.tsx'
import { StatusBar } from './status-bar.tsx'
import { TerminalsPane } from './terminals/pane.tsx'
import { FilesPane } from './tree/pane.tsx'
import { useCommands } from './use-commands.ts'
import { useWindow } from './use-window.ts'
import { openWorkbench, useWorkbench, WorkbenchContext } from './workbench.ts'
import '../styles/workbench.css'

/** The one page on a project. */
export default function WorkbenchPage () {
  const { router, texts: { locale } } = useConsole()
  const [texts, setTexts] = useState<WorkbenchTexts>()
  // The address of the next page comes before that page does.
  const last = useRef('')
  const id = last.current = router.place.value.params['id'] ?? last.current
  useEffect(() => { void loadWorkbenchTexts(locale).then(setTexts) }, [])
  return texts === undefined ? null : <Opened key={id} id={id} texts={texts} />
}

function Opened ({ id, texts }: { readonly id: string, readonly texts: WorkbenchTexts }) {
  const console = useConsole()
  const workbench = useMemo(() => openWorkbench(console, texts, id), [])
  useEffect(() => workbench.close, [])
  const bar = document.getElementById('page-bar')
  return (
    <WorkbenchContext.Provider value={workbench}>
      {bar !== null && createPortal(<WorkbenchHeader />, bar)}
      <Panes />
    </WorkbenchContext.Provider>
  )
}

function Panes () {
  const workbench = useWorkbench()
  const { layout, texts, connectionState, restart } = workbench
  const state = connectionState.value
  useCommands(workbench)
  useWindow(workbench)

  const shown = { files: layout.isSideShown, panel: layout.isPanelShown, preview: layout.isPreviewShown } as const
  function choose (pane: Pane): void {
    if (pane !== 'code') shown[pane].value = true
    layout.pane.value = pane
  }

  return (
    <div class="workbench" data-pane={layout.pane.value}>
      <nav class="pane-bar" aria-label={texts.panes.bar}>
        {(['files', 'code', 'panel', 'preview'] as const).map((pane) => (
          <button key={pane} type="button" aria-pressed={layout.pane.value === pane} onClick={() => choose(pane)}>{texts.panes[pane]}</button>
        ))}
      </nav>
      {state.name === 'refused' && (
        <div class="ending">
          <p role="alert">{withoutTechnical(state.message)}</p>
          {state.closeCode !== closeCodes.notFound && state.closeCode !== closeCodes.notSignedIn && <Button kind="primary" onPress={restart}>{texts.connection.tryAgain}</Button>}
          <a class="button" href="/">{texts.connection.projects}</a>
        </div>
      )}
      <Split direction="row" label={texts.lines.side} percent={layout.side.value} onChange={(percent) => { layout.side.value = percent }} shows={layout.isSideShown.value ? 'both' : 'second'} class="panes">
        {[
          <FilesPane key="files" />,
          <Split key="work" direction="column" label={texts.lines.panel} percent={layout.panel.value} onChange={(percent) => { layout.panel.value = percent }} shows={layout.isPanelShown.value ? 'both' : 'first'}>
            {[
              <Split key="code" direction="row" label={texts.lines.preview} percent={layout.preview.value} onChange={(percent) => { layout.preview.value = percent }} shows={layout.isPreviewShown.value ? 'both' : 'first'}>
                {[<EditorPane key="editor" />, <PreviewPane key="preview" />]}
              </Split>,
              <TerminalsPane key="terminals" />
            ]}
          </Split>
        ]}
      </Split>
      <StatusBar />
      <Finder />
    </div>
  )
}
