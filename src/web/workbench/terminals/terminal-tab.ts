import { computed, signal } from '@preact/signals'
import { socketUrl } from '../../../client/connection/url.ts'
import { onWake } from '../../../client/connection/wake.ts'
import { processPath, terminalPath } from '../../../client/terminal/address.ts'
import { openSession, type Session } from '../../../client/terminal/session.ts'
import type { TerminalState } from '../../../client/terminal/state.ts'
import { TERM_V1, type Size } from '../../../protocols/terminal.ts'
import type { KeyOptions } from '../../terminal/keys.ts'
import type { Screen } from '../../terminal/screen.ts'

export interface Program {
  readonly processId: string
  readonly name: string
  readonly runAgain: () => void
}

export interface TerminalTabOptions {
  readonly projectId: string
  /** Undefined for a new one. */
  readonly terminalId: string | undefined
  /** Of a program that is run, instead of a shell. */
  readonly program?: Program | undefined
  readonly number: number
  /** Where a printed link leads. */
  readonly targetOf: (link: string) => string
  readonly keys: Omit<KeyOptions, 'onFind'>
  readonly lostWords: (bytes: number) => string
  readonly onState: (state: TerminalState) => void
}

export type TerminalTab = ReturnType<typeof createTerminalTab>

const loadScreen = async () => await Promise.all([import('../../terminal/screen.ts'), import('../../terminal/keys.ts')])

/** One shell behind a tab, through whatever connections it takes. It begins once it has an element to be shown in. */
export function createTerminalTab ({ projectId, terminalId: first, program, number, targetOf, keys, lostWords, onState }: TerminalTabOptions) {
  const terminalId = signal(first)
  const state = signal<TerminalState>({ name: 'connecting' })
  const title = signal('')
  const isSearching = signal(false)
  const speaks = signal(false)
  const ours = signal<Size | undefined>(undefined)
  const theirs = signal<Size | undefined>(undefined)
  /** The next character that is typed is one with Ctrl. */
  const hasCtrl = signal(false)
  const screen = signal<Screen | undefined>(undefined)
  let session: Session | undefined
  let stopWaking = (): void => undefined
  let isClosed = false
  let wantsFocus = false

  function send (data: string): void {
    if (!hasCtrl.peek() || data.length !== 1) {
      session?.sendText(data)
      return
    }
    hasCtrl.value = false
    session?.sendText(String.fromCharCode(data.toUpperCase().charCodeAt(0) & 0x1f))
  }

  async function open (element: HTMLElement): Promise<void> {
    const [{ createScreen }, { bindKeys }] = await loadScreen()
    if (isClosed) return
    const opened = createScreen(element, {
      onFit (size) {
        ours.value = theirs.value = size
        session?.resize(size)
      },
      onLink: (link) => { window.open(targetOf(link), '_blank', 'noopener') }
    })
    const { terminal } = opened
    ours.value = theirs.value = opened.size()
    const begun = openSession({
      connect: (attachment) => new WebSocket(socketUrl(program === undefined ? terminalPath(projectId, attachment) : processPath(projectId, program.processId, attachment)), TERM_V1),
      terminal: first,
      size: opened.size(),
      write: (bytes, onParsed) => terminal.write(bytes, onParsed),
      onState (next) {
        state.value = next
        onState(next)
      },
      onSize (size) {
        theirs.value = size
        terminal.resize(size.cols, size.rows)
      },
      onAttached: (id) => { if (program === undefined) terminalId.value = id },
      onLost: (bytes) => terminal.write(`\r\n\x1b[7m ${lostWords(bytes)} \x1b[0m\r\n`)
    })
    session = begun
    stopWaking = onWake(begun.wake)
    terminal.onData(send)
    terminal.onBinary(begun.sendBinary)
    terminal.onTitleChange((text) => { title.value = text })
    bindKeys(terminal, { ...keys, onFind: () => { isSearching.value = true } })
    screen.value = opened
    if (wantsFocus) terminal.focus()
  }

  return {
    id: crypto.randomUUID(),
    number, program, terminalId, state, title, isSearching, speaks, hasCtrl, screen, open, send,
    /** Of another window, if that is not what this one has room for. */
    otherSize: computed(() => ours.value?.cols === theirs.value?.cols && ours.value?.rows === theirs.value?.rows ? undefined : theirs.value),
    /** Whoever uses the terminal decides on its size. */
    fit: (): void => screen.peek()?.fit(),
    focus (): void {
      wantsFocus = true
      screen.peek()?.terminal.focus()
    },
    setSpeaks (value: boolean): void {
      speaks.value = value
      const opened = screen.peek()
      if (opened !== undefined) opened.terminal.options.screenReaderMode = value
    },
    restart: (): void => program !== undefined && state.peek().name === 'ended' ? program.runAgain() : session?.restart(),
    /** For the developer tools. */
    get handle () { return { terminal: screen.peek()?.terminal, session } },
    close (): void {
      isClosed = true
      stopWaking()
      session?.close()
      screen.peek()?.dispose()
    }
  }
}
