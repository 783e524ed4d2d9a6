import { showMessage } from '../../dom.ts'
import { parentOf, ROOT } from '../../../client/files/paths.ts'
import type { Change } from '../../../protocols/files.ts'
import type { Request } from '../../../client/files/requests.ts'
import { createLoader } from './loader.ts'
import { createTree } from './model.ts'
import { stepFor } from './navigation.ts'
import { createTreeView } from './view.ts'

export interface TreePaneOptions {
  readonly element: HTMLUListElement
  /** For what there is to say besides the entries. */
  readonly note: HTMLElement
  readonly request: Request
  readonly onOpen: (path: string) => void
  readonly onSelect: (path: string | undefined) => void
  readonly onRename: (path: string) => void
  readonly onDelete: (path: string) => void
  readonly report: (error: unknown) => void
}

export type TreePane = ReturnType<typeof createTreePane>

/** The tree of a project, with what keys and clicks do in it. */
export function createTreePane ({ element, note, request, onOpen, onSelect, onRename, onDelete, report }: TreePaneOptions) {
  const tree = createTree()
  const view = createTreeView(element)
  const loader = createLoader({ tree, request, onLoaded: render })
  let hasLoaded = false
  let isRenderQueued = false

  function render (): void {
    const rows = tree.rows()
    view.render(rows)
    onSelect(view.current)
    if (hasLoaded) showMessage(note, noteOn(rows.length, tree.isTruncated || rows.some(({ isTruncated }) => isTruncated)))
  }

  /** A build writes thousands of files in a second: they are drawn together. */
  function renderSoon (): void {
    if (isRenderQueued) return
    isRenderQueued = true
    requestAnimationFrame(() => {
      isRenderQueued = false
      render()
    })
  }

  function setExpanded (path: string, isExpanded: boolean): void {
    tree.setExpanded(path, isExpanded)
    render()
    if (isExpanded) loader.load(path).catch(report)
  }

  function focus (path: string): void {
    view.focus(path)
    onSelect(path)
  }

  function activate (path: string): void {
    const row = view.rows.find((candidate) => candidate.path === path)
    if (row?.type === 'directory') setExpanded(path, !row.isExpanded)
    else onOpen(path)
  }

  function press (key: string, path: string): boolean {
    switch (key) {
      case 'Enter':
      case ' ': activate(path); return true
      case 'F2': onRename(path); return true
      case 'Delete': onDelete(path); return true
      default: return take(key, path)
    }
  }

  function take (key: string, path: string): boolean {
    const step = stepFor(key, view.rows, path)
    if (step?.kind === 'focus') focus(step.path)
    else if (step !== undefined) setExpanded(step.path, step.kind === 'expand')
    return step !== undefined
  }

  element.addEventListener('click', ({ target }) => {
    const path = view.pathAt(target)
    if (path === undefined) return
    focus(path)
    activate(path)
  })
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const path = view.pathAt(event.target)
    if (path !== undefined && press(event.key, path)) event.preventDefault()
  })

  return {
    mark: view.mark,
    setShowsAll (value: boolean): void {
      tree.setShowsAll(value)
      render()
    },
    get current () { return view.current },

    /** Reads again whatever can be seen. */
    async refresh (): Promise<void> {
      hasLoaded = true
      await loader.loadOpen()
    },

    heed (change: Change): void {
      loader.heed(change)
      renderSoon()
    },

    /** Reads the directories again in which something was just done, where the server does not tell of it. */
    async reload (...paths: string[]): Promise<void> {
      await Promise.all([...new Set(paths.map(parentOf))].filter(tree.has).map(loader.load))
    },

    /** Opens all that is above it, and selects it. */
    async reveal (path: string): Promise<void> {
      for (const directory of ancestorsOf(path)) {
        tree.setExpanded(directory, true)
        await loader.load(directory)
      }
      if (!tree.has(path)) return
      view.select(path)
      onSelect(path)
    },

    /** Where something new belongs: in the directory that is meant, or beside the file. */
    directoryAt (target: EventTarget | string | null | undefined): string {
      const path = typeof target === 'string' ? target : view.pathAt(target ?? null)
      if (path === undefined) return ROOT
      return tree.typeOf(path) === 'directory' ? path : parentOf(path)
    },

    isDirectory: (path: string): boolean => tree.typeOf(path) === 'directory'
  }
}

function noteOn (count: number, isTruncated: boolean): string | undefined {
  if (count === 0) return 'No files yet.'
  return isTruncated ? 'A directory has more entries than are shown here.' : undefined
}

function ancestorsOf (path: string): string[] {
  const parent = parentOf(path)
  return parent === ROOT ? [ROOT] : [...ancestorsOf(parent), parent]
}
