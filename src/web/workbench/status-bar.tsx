import { minutesLeft } from '../ago.ts'
import { useAttempt } from '../shell/console.ts'
import { Button } from '../ui/button.tsx'
import { describe } from './connection-words.ts'
import { useWorkbench } from './workbench.ts'

/** One line about the connection, the place in the file, and the project. */
export function StatusBar () {
  const { connectionState, project, editors, texts } = useWorkbench()
  const attempt = useAttempt()
  const state = connectionState.value
  const details = project.details.value
  const minutes = details === undefined ? undefined : minutesLeft(details, new Date())
  const shown = editors.shown.value
  const position = shown?.kind === 'text' ? shown.position.value : undefined
  return (
    <footer class="status-bar" aria-label={texts.project}>
      <p class="state" role="status" data-state={state.name}>{describe(state, texts.connection)}</p>
      {minutes !== undefined && (
        <>
          <p class="quiet">{texts.stops(minutes)}</p>
          {project.canEdit.value && <Button kind="link" onPress={async () => await attempt(project.keepRunning)}>{texts.keepRunning}</Button>}
        </>
      )}
      <div class="status-end">
        {position !== undefined && <p>{texts.editor.position(position.line, position.column)}{position.selected > 0 ? ` (${texts.editor.selected(position.selected)})` : ''}</p>}
      </div>
    </footer>
  )
}
