import { computed, signal } from '@preact/signals'
import type { Api } from '../../api/client.ts'
import { createTerminalTab, type Program, type TerminalTab, type TerminalTabOptions } from './terminal-tab.ts'

interface Listed {
  readonly id: string
  readonly ended: boolean
  readonly createdAt: string
}

/** In an address: the one that is there, else a new one. */
const LATEST = 'latest'

/** The shells of the project: those that live, whoever has opened them, and new ones. */
export function createTerminals ({ api, projectId, ...options }: { readonly api: Api } & Omit<TerminalTabOptions, 'terminalId' | 'program' | 'number'>) {
  const tabs = signal<readonly TerminalTab[]>([])
  const shown = signal<TerminalTab | undefined>(undefined)
  const hasLoaded = signal(false)
  const path = `/projects/${encodeURIComponent(projectId)}`

  function add (terminalId: string | undefined, program?: Program): TerminalTab {
    // The lowest number that is free, as people count them.
    const taken = new Set(tabs.peek().map((tab) => tab.number))
    const number = tabs.peek().findIndex((_, index) => !taken.has(index + 1)) + 1 || tabs.peek().length + 1
    const tab = createTerminalTab({ ...options, projectId, terminalId, program, number })
    tabs.value = [...tabs.peek(), tab]
    return tab
  }

  function show (tab: TerminalTab): TerminalTab {
    shown.value = tab
    return tab
  }

  function remove (tab: TerminalTab): void {
    const at = tabs.peek().indexOf(tab)
    tabs.value = tabs.peek().filter((other) => other !== tab)
    if (shown.peek() === tab) shown.value = tabs.peek()[Math.min(at, tabs.peek().length - 1)]
    tab.close()
  }

  /** Ends the shell or the program with all that runs in it. */
  async function end (tab: TerminalTab): Promise<void> {
    const id = tab.terminalId.peek()
    const { program } = tab
    remove(tab)
    if (program !== undefined) await api.delete(`${path}/processes/${program.processId}`)
    else if (id !== undefined && tab.state.peek().name !== 'ended') await api.delete(`${path}/terminals/${id}`)
  }

  /** Those that others have opened meanwhile, too. */
  async function load (): Promise<void> {
    const { terminals } = await api.get<{ terminals: Listed[] }>(`${path}/terminals`)
    const living = terminals.filter(({ ended }) => !ended).sort((a, b) => a.createdAt.localeCompare(b.createdAt))
    const known = new Set(tabs.peek().map((tab) => tab.terminalId.peek()))
    for (const { id } of living) if (!known.has(id)) add(id)
    shown.value ??= tabs.peek().at(-1)
    hasLoaded.value = true
  }

  return {
    tabs, shown, hasLoaded, load, show,
    shownId: computed(() => shown.value?.terminalId.value),
    openNew: (): TerminalTab => show(add(undefined)),

    /** That one, or the newest; where there is none, a new one. */
    async open (terminalId: string): Promise<TerminalTab> {
      await load()
      const found = tabs.peek().find((tab) => tab.terminalId.peek() === terminalId) ?? (terminalId === LATEST ? tabs.peek().at(-1) : undefined)
      return show(found ?? add(terminalId === LATEST ? undefined : terminalId))
    },

    /** A program that was just started. What it replaces goes. */
    showProgram (program: Program): TerminalTab {
      const before = tabs.peek().find((tab) => tab.program?.name === program.name && tab.state.peek().name === 'ended')
      const tab = show(add(undefined, program))
      if (before !== undefined) end(before).catch(() => undefined)
      return tab
    },

    end,

    close: (): void => tabs.peek().forEach((tab) => tab.close())
  }
}
