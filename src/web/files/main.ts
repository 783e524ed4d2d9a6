import { createApi } from '../api/client.ts'
import { socketUrl } from '../../client/connection/url.ts'
import { onWake } from '../../client/connection/wake.ts'
import { showCountdown } from '../countdown.ts'
import { find, wireToggle } from '../dom.ts'
import { followTheme } from '../theme.ts'
import { createActions } from './actions.ts'
import { openConnection, type Connection } from '../../client/files/connection.ts'
import { createEditorPane } from './editor/pane.ts'
import { createAskPath, createConfirm } from './panels/dialogs.ts'
import { createSnapshotsDialog } from './panels/snapshots.ts'
import { showProject } from './project-bar.ts'
import type { Request } from '../../client/files/requests.ts'
import { createNotice } from './notice.ts'
import { createStatus } from './status.ts'
import { createTreePane } from './tree/pane.ts'
import { createUpdates } from './updates.ts'
import { createUploadPanel } from './upload/panel.ts'
import { createSender } from './upload/send.ts'

function openFilesPage (page: Document, projectId: string): void {
  const projectPath = `/projects/${encodeURIComponent(projectId)}`
  const fetch = window.fetch.bind(window)
  const api = createApi(fetch)
  const notice = createNotice(find(page, '#notice', HTMLElement))
  const confirm = createConfirm(find(page, '#confirm', HTMLDialogElement))
  const ask = createAskPath(find(page, '#ask', HTMLDialogElement))
  const status = createStatus(page, () => connection.restart())
  const request: Request = async (op, fields) => await connection.request(op, fields)
  const { report } = notice

  function attempt (action: () => Promise<void>): void {
    notice.clear()
    action().catch(report)
  }

  const tree = createTreePane({
    element: find(page, '#tree', HTMLUListElement),
    note: find(page, '#tree-note', HTMLElement),
    request,
    onOpen: (path) => attempt(async () => await editor.open(path)),
    onSelect: (path) => actions.enable(path !== undefined),
    onRename: (path) => actions.rename(path),
    onDelete: (path) => actions.remove(path),
    report
  })
  const editor = createEditorPane({
    page,
    projectId,
    request,
    onChanged: (open, unsaved) => tree.mark({ open, unsaved: new Set(unsaved) }),
    report
  })
  const actions = createActions({ page, tree, editor, request, ask, confirm, attempt })
  wireToggle(find(page, '#show-all', HTMLButtonElement), (showsAll) => tree.setShowsAll(showsAll))
  const updates = createUpdates({ tree, editor, report })
  const send = createSender({ fetch, projectId, request, confirm, onProgress: status.showWork })
  createUploadPanel({ page, tree, attempt, send })
  createSnapshotsDialog({ page, api, projectPath, confirm, onRestored: updates.catchUp })

  const connection: Connection = openConnection({
    connect: () => new WebSocket(socketUrl(`${projectPath}/files`)),
    onState: (state) => {
      status.showConnection(state)
      if (state.name === 'connected') notice.connected()
    },
    onNotice: updates.heed
  })
  onWake(connection.wake)
  window.addEventListener('beforeunload', (event) => { if (editor.unsaved().length > 0) event.preventDefault() })
  showCountdown(page, api, projectId)
  // What goes wrong here, the connection says as well.
  showProject(page, api, projectId).catch(() => undefined)
}

const projectId = new URLSearchParams(location.search).get('project')
followTheme(window)
if (projectId === null) location.replace('/')
else openFilesPage(document, projectId)
