import { computed, signal } from '@preact/signals'
import { isWithin, parentOf, ROOT } from '../../../client/files/paths.ts'
import type { Request } from '../../../client/files/requests.ts'
import type { Change } from '../../../protocols/files.ts'
import { createLoader } from './loader.ts'
import { createTree, type Row } from './model.ts'
import { rowInPlaceOf, type Step } from './navigation.ts'

export type TreeStore = ReturnType<typeof createTreeStore>

/** The tree as it is shown, and what is chosen in it. */
export function createTreeStore ({ request, report }: { request: Request, report: (error: unknown) => void }) {
  const tree = createTree()
  const loader = createLoader({ tree, request, onLoaded: renderSoon })
  const rows = signal<readonly Row[]>([])
  /** Where the arrows go on from. */
  const current = signal<string | undefined>(undefined)
  /** What buttons are about; nothing once that has gone. */
  const selected = signal<string | undefined>(undefined)
  const isTruncated = signal(false)
  const hasLoaded = signal(false)
  const showsAll = signal(false)
  /** Grows when the current row is to be seen, and to have the focus. */
  const focusWanted = signal(0)
  const revealWanted = signal(0)
  let isRenderQueued = false

  function render (): void {
    const before = rows.peek()
    const next = tree.rows()
    const has = (path: string | undefined): boolean => path !== undefined && next.some((row) => row.path === path)
    if (!has(current.peek())) current.value = rowInPlaceOf(current.peek() ?? '', before, next)?.path
    if (!has(selected.peek())) selected.value = undefined
    rows.value = next
    isTruncated.value = tree.isTruncated || next.some((row) => row.isTruncated)
  }

  /** A build writes thousands of files in a second: they are drawn together. */
  function renderSoon (): void {
    if (isRenderQueued) return
    isRenderQueued = true
    const now = (): void => {
      if (!isRenderQueued) return
      isRenderQueued = false
      render()
    }
    requestAnimationFrame(now)
  }

  function select (path: string): void {
    current.value = selected.value = path
    revealWanted.value++
  }

  function setExpanded (path: string, isExpanded: boolean): void {
    tree.setExpanded(path, isExpanded)
    render()
    if (isExpanded) loader.load(path).catch(report)
  }

  function focus (path: string): void {
    select(path)
    focusWanted.value++
  }

  return {
    rows, current, selected, isTruncated, hasLoaded, showsAll, focusWanted, revealWanted,
    isEmpty: computed(() => hasLoaded.value && rows.value.length === 0),
    focus,
    select,
    setExpanded,
    toggle: (path: string): void => setExpanded(path, rows.peek().find((row) => row.path === path)?.isExpanded !== true),
    /** After something was done to what is here. */
    focusCurrent: (): void => { focusWanted.value++ },

    take (step: Step): void {
      if (step.kind === 'focus') focus(step.path)
      else setExpanded(step.path, step.kind === 'expand')
    },

    showAll (value: boolean): void {
      showsAll.value = value
      tree.setShowsAll(value)
      render()
    },

    /** Reads again whatever can be seen. */
    async refresh (): Promise<void> {
      await loader.loadOpen()
      render()
      hasLoaded.value = true
    },

    heed (change: Change): void {
      loader.heed(change)
      renderSoon()
    },

    /** Reads the directories again in which something was just done, where the server does not tell of it. */
    async reload (...paths: string[]): Promise<void> {
      await Promise.all([...new Set(paths.map(parentOf))].filter(tree.has).map(loader.load))
      render()
    },

    /** Opens all that is above it, and selects it. */
    async reveal (path: string): Promise<void> {
      for (const directory of ancestorsOf(path)) {
        tree.setExpanded(directory, true)
        await loader.load(directory)
      }
      render()
      if (tree.has(path)) select(path)
    },

    /** Where something new belongs: in the directory that is meant, or beside the file. */
    directoryOf (path: string | undefined): string {
      if (path === undefined) return ROOT
      return tree.typeOf(path) === 'directory' ? path : parentOf(path)
    },

    isDirectory: (path: string): boolean => tree.typeOf(path) === 'directory',
    isShown: (path: string): boolean => isWithin(path, ROOT) && rows.peek().some((row) => row.path === path)
  }
}

function ancestorsOf (path: string): string[] {
  const parent = parentOf(path)
  return parent === ROOT ? [ROOT] : [...ancestorsOf(parent), parent]
}
