import { batch, computed, effect, signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { socketUrl } from '../../client/connection/url.ts'
import { onWake } from '../../client/connection/wake.ts'
import { openConnection } from '../../client/files/connection.ts'
import { displayName } from '../../client/files/paths.ts'
import { DISCONNECTED, RequestError, type Request } from '../../client/files/requests.ts'
import type { ConnectionState } from '../../client/files/state.ts'
import { closeCodes } from '../../protocols/close-codes.ts'
import type { Console } from '../shell/console.ts'
import { targetOf } from '../terminal/links.ts'
import type { WorkbenchTexts } from '../texts/workbench/en.ts'
import { messageOf } from '../words.ts'
import { addressOf, parseTarget, writeTarget } from './address.ts'
import { createDrafts } from './editors/drafts.ts'
import { createEditors } from './editors/editors.ts'
import { createLayout } from './layout.ts'
import { createProjectStore } from './project.ts'
import { createTerminals } from './terminals/terminals.ts'
import { createPreferences } from './terminals/preferences.ts'
import { createTreeStore } from './tree/store.ts'
import { createUpdates } from './updates.ts'

export type Workbench = ReturnType<typeof openWorkbench>

export const WorkbenchContext = createContext<Workbench | undefined>(undefined)

export function useWorkbench (): Workbench {
  const workbench = useContext(WorkbenchContext)
  if (workbench === undefined) throw new Error('a pane is shown outside of the workbench')
  return workbench
}

/** All that the workbench of one project knows, and its connections. */
export function openWorkbench (console: Console, texts: WorkbenchTexts, projectId: string) {
  const { api, session, router, toasts, commands } = console
  const connectionState = signal<ConnectionState>({ name: 'connecting' })
  const areFilesRestored = signal(false)
  const areTerminalsRestored = signal(false)
  /** What the address asks for, which changes soon. */
  const asked = new URLSearchParams(router.place.peek().search)
  let hasBeenConnected = false
  /** By what a file is looked for now. */
  const finding = signal<'name' | 'text' | undefined>(undefined)
  /** What went wrong, as long as it is so. */
  const notice = signal<string | undefined>(undefined)
  let isNoticeAboutConnection = false

  function report (error: unknown): void {
    session.heed(error)
    if (session.user.peek() === null) return
    batch(() => {
      isNoticeAboutConnection = error instanceof RequestError && error.code === DISCONNECTED
      notice.value = messageOf(error)
    })
  }
  function attempt (action: () => Promise<unknown>): void {
    notice.value = undefined
    action().catch(report)
  }

  /** Nobody, as a rule; or somebody who has signed in again before the last connection of the old session was closed. */
  async function findWhoIsIn (): Promise<void> {
    await session.load().catch(report)
    if (session.user.peek() !== null) restart()
  }

  function restart (): void {
    if (connectionState.peek().name === 'refused') connection.restart()
    for (const tab of terminals.tabs.peek()) if (tab.state.peek().name === 'refused') tab.restart()
    void project.load()
  }

  // What goes wrong with these, the connection says as well.
  const project = createProjectStore({ api, id: projectId, onError: (error) => session.heed(error) })
  const layout = createLayout(window.localStorage, projectId)
  const request: Request = async (op, fields) => await connection.request(op, fields)
  const tree = createTreeStore({ request, report })
  const drafts = createDrafts(window.indexedDB, projectId)
  const editors = createEditors({
    request, report,
    drafts,
    labelOf: (path) => texts.editor.textOf(displayName(path)),
    isReadOnly: () => !project.canEdit.peek(),
    onRestored: (path) => toasts.say(texts.editor.restored(displayName(path)))
  })
  const preferences = createPreferences(window.localStorage)
  const terminals = createTerminals({
    api, projectId,
    targetOf: (link) => targetOf(link, project.previewUrl.peek()),
    keys: { isCommand: commands.isGlobal, copiesSelection: () => preferences.copiesSelection.peek() },
    lostWords: texts.terminal.lost,
    onState (state) {
      if (state.name === 'connected') void project.refresh()
      if (state.name === 'refused' && state.closeCode === closeCodes.notSignedIn) void findWhoIsIn()
    }
  })
  const updates = createUpdates({ tree, editors, report })

  const connection = openConnection({
    connect: () => new WebSocket(socketUrl(`${project.path}/files`)),
    onState (state) {
      connectionState.value = state
      if (state.name === 'connected' && isNoticeAboutConnection) notice.value = undefined
      if (state.name === 'connected' && !hasBeenConnected) {
        hasBeenConnected = true
        restoreFiles().catch(report)
      }
      if (state.name === 'refused' && state.closeCode === closeCodes.notSignedIn) void findWhoIsIn()
    },
    onNotice: updates.heed
  })
  const stopWaking = onWake(connection.wake)
  project.start()
  // Whatever is wrong with it, the files' connection says.
  void project.load().then(restoreTerminals).catch((error: unknown) => session.heed(error)).finally(() => { areTerminalsRestored.value = true })

  async function openFile (path: string, { line, column }: { line?: number | undefined, column?: number | undefined } = {}): Promise<void> {
    const tab = await editors.open(path, line === undefined ? undefined : { line, column })
    if (tab === undefined) return
    layout.pane.value = 'code'
    if (tab.kind === 'text') requestAnimationFrame(() => tab.editor.focus())
  }

  /** What was open the last time, and what the address says. */
  async function restoreFiles (): Promise<void> {
    const target = asked.get('file')
    const wanted = target === null || target === '' ? undefined : parseTarget(target)
    const opening = wanted === undefined ? Promise.resolve() : openFile(wanted.path, wanted)
    // The list of what is open may be lost with a browser that crashes.
    await editors.restore([...new Set([...layout.files.peek(), ...await drafts.unsaved()])])
    const [first] = editors.tabs.peek()
    if (wanted === undefined && first !== undefined && editors.shown.peek() === undefined) editors.show(first)
    areFilesRestored.value = true
    await opening
    if (wanted !== undefined) await tree.reveal(wanted.path)
  }

  async function restoreTerminals (): Promise<void> {
    const terminal = asked.get('terminal')
    if (terminal === null) return await terminals.load()
    batch(() => {
      layout.isPanelShown.value = true
      layout.pane.value = 'panel'
    })
    const tab = await terminals.open(terminal)
    if (!asked.has('file')) tab.focus()
  }

  const file = computed(() => editors.shown.value?.path.value)
  // Kept for each project, and in the address, once what was kept there has been read.
  const stopKeeping = effect(() => {
    if (areFilesRestored.value) layout.files.value = editors.tabs.value.map((tab) => tab.path.value)
  })
  const stopNaming = effect(() => {
    if (!areFilesRestored.value || !areTerminalsRestored.value) return
    const terminal = layout.isPanelShown.value ? terminals.shownId.value : undefined
    const shown = file.value
    const { pathname, search } = router.place.peek()
    const address = addressOf(pathname, { file: shown === undefined ? undefined : writeTarget(shown), terminal })
    if (address !== pathname + search) router.go(address, { replaces: true })
  })

  return {
    id: projectId, console, texts, project, layout, request, tree, editors, terminals, preferences, connectionState, notice, finding, report, attempt, openFile,
    catchUp: updates.catchUp,
    /** After a refusal, or because somebody is signed in again. */
    restart,
    /** For somebody else: the file and the line. */
    link: (): string => {
      const tab = editors.shown.peek()
      const target = tab === undefined ? undefined : writeTarget(tab.path.peek(), tab.kind === 'text' ? tab.position.peek().line : undefined)
      return new URL(addressOf(location.pathname, { file: target, terminal: undefined }), location.href).href
    },
    close: (): void => {
      stopKeeping()
      stopNaming()
      stopWaking()
      layout.stop()
      editors.leave()
      terminals.close()
      project.stop()
      connection.close()
    }
  }
}
