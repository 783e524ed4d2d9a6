import { createApi } from '../api/client.ts'
import type { Project, ProjectDetails } from '../api/types.ts'
import { socketUrl } from '../../client/connection/url.ts'
import { onWake } from '../../client/connection/wake.ts'
import { showCountdown } from '../countdown.ts'
import { find } from '../dom.ts'
import { bindKeys } from './keys.ts'
import { TERM_V1 } from '../../protocols/terminal.ts'
import { targetOf } from './links.ts'
import { createScreen } from './screen.ts'
import { createSearchBar } from './search-bar.ts'
import { openSession, type Attachment, type Session } from '../../client/terminal/session.ts'
import { createStatusBar } from './status-bar.ts'
import { createTitle } from './title.ts'

function connectTo (projectId: string, { terminal, since, size }: Attachment): WebSocket {
  const url = socketUrl(`/terminal/${encodeURIComponent(projectId)}`)
  const parameters = { terminal, since, ...size }
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return new WebSocket(url, TERM_V1)
}

/** In the address, so that a reload comes back to this shell, and another tab can share it. */
function rememberTerminal (terminal: string): void {
  const url = new URL(location.href)
  url.searchParams.set('terminal', terminal)
  history.replaceState(null, '', url)
}

/** The page works without these: what goes wrong here, the terminal's own connection says as well. */
async function showProject (projectId: string, showName: (name: string) => void): Promise<string | null> {
  const api = createApi(window.fetch.bind(window))
  const path = `/projects/${encodeURIComponent(projectId)}`
  const { name } = await api.get<Project>(path)
  showName(name)
  const { preview } = await api.get<ProjectDetails>(`${path}/status`)
  const link = find(document, '#preview', HTMLAnchorElement)
  find(document, '#project', HTMLElement).textContent = name
  link.href = preview.url ?? ''
  link.hidden = preview.url === null
  return preview.url
}

function openTerminal (projectId: string, terminalId: string | undefined): void {
  const element = find(document, '#terminal', HTMLElement)
  let previewUrl: string | null = null
  const screen = createScreen(element, {
    onFit: (size) => session.resize(size),
    onLink: (link) => { window.open(targetOf(link, previewUrl), '_blank', 'noopener') }
  })
  const { terminal } = screen
  const title = createTitle((text) => { document.title = text })
  const search = createSearchBar(find(document, '#search', HTMLFormElement), screen)
  const status = createStatusBar(document, element, () => {
    session.restart()
    terminal.focus()
  })

  const session: Session = openSession({
    connect: (attachment) => connectTo(projectId, attachment),
    terminal: terminalId,
    size: screen.size(),
    write: (bytes, onParsed) => terminal.write(bytes, onParsed),
    onState: (state) => {
      status.show(state)
      if (state.name === 'connected') showProject(projectId, title.ofProject).then((url) => { previewUrl = url }, () => undefined)
    },
    onSize: ({ cols, rows }) => terminal.resize(cols, rows),
    onAttached: rememberTerminal,
    onLost: (bytes) => terminal.write(`\r\n\x1b[7m ${bytes.toLocaleString()} bytes of output were lost here \x1b[0m\r\n`)
  })

  terminal.onData(session.sendText)
  terminal.onBinary(session.sendBinary)
  terminal.onTitleChange(title.ofProgram)
  bindKeys(terminal, search.open)
  find(document, '#find', HTMLButtonElement).addEventListener('click', search.open)
  find(document, '#speak', HTMLButtonElement).addEventListener('click', ({ currentTarget }) => {
    const isOn = terminal.options.screenReaderMode = terminal.options.screenReaderMode !== true
    if (currentTarget instanceof Element) currentTarget.setAttribute('aria-pressed', String(isOn))
    terminal.focus()
  })
  find(document, '#files', HTMLAnchorElement).href = `/files.html?project=${encodeURIComponent(projectId)}`
  onWake(session.wake)
  // Whoever uses the terminal decides on its size.
  window.addEventListener('focus', screen.fit)
  showCountdown(document, createApi(window.fetch.bind(window)), projectId)
  terminal.focus()

  // A handle for the developer tools.
  Object.assign(window, { berth: { terminal, session } })
}

const parameters = new URLSearchParams(location.search)
const projectId = parameters.get('project')
if (projectId === null) location.replace('/')
else openTerminal(projectId, parameters.get('terminal') ?? undefined)
