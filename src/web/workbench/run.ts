import { nameOf } from '../../client/files/paths.ts'
import { ApiError } from '../../client/rest/error.ts'
import type { Workbench } from './workbench.ts'

/** Runs the file that is shown, or the project where that is nothing to run, in a tab among the terminals. */
export async function runShown (workbench: Workbench): Promise<void> {
  const { editors, layout, terminals, project, attempt, console: { api } } = workbench
  const tab = editors.shown.peek()
  if (tab?.kind === 'text' && tab.isUnsaved.peek()) await tab.document.save()
  const run = async (path?: string) => ({ path, ...await api.post<{ id: string }>(`${project.path}/run`, path === undefined ? {} : { path }) })
  const shown = tab?.path.peek()
  const { id, path } = await run(shown).catch(async (error: unknown) => {
    if (shown !== undefined && error instanceof ApiError && error.code === 'NOTHING_TO_RUN') return await run()
    throw error
  })
  layout.isPanelShown.value = true
  layout.pane.value = 'panel'
  const name = path === undefined ? project.project.peek()?.name ?? '' : nameOf(path)
  terminals.showProgram({ processId: id, name, runAgain: () => attempt(async () => await runShown(workbench)) }).focus()
}
