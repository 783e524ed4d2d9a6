import { displayName, nameOf, parentOf, ROOT } from '../../../client/files/paths.ts'
import type { Row } from './model.ts'
import { rowInPlaceOf } from './navigation.ts'

interface Item {
  readonly element: HTMLLIElement
  readonly name: HTMLElement
  /** Where the entries of a directory go. */
  readonly group: HTMLUListElement
}

/** Rows as elements. They are brought up to date in place, so that the keyboard's focus stays where it is. */
export function createTreeView (tree: HTMLUListElement) {
  const items = new Map<string, Item>()
  let shown: readonly Row[] = []
  let current: string | undefined
  let marks: { readonly open: string | undefined, readonly unsaved: ReadonlySet<string> } = { open: undefined, unsaved: new Set() }

  function show ({ path, type, level, isExpanded }: Row, { element, name, group }: Item): void {
    const text = displayName(nameOf(path))
    const isUnsaved = marks.unsaved.has(path)
    name.textContent = text
    element.dataset['type'] = type
    element.classList.toggle('unsaved', isUnsaved)
    element.ariaLabel = isUnsaved ? `${text}, unsaved` : text
    element.ariaLevel = String(level)
    element.ariaSelected = String(path === current)
    element.ariaExpanded = type === 'directory' ? String(isExpanded) : null
    element.ariaCurrent = path === marks.open ? 'true' : null
    element.tabIndex = path === current ? 0 : -1
    group.hidden = !isExpanded
  }

  function place (rows: readonly Row[]): void {
    const counts = new Map<Element, number>()
    for (const row of rows) {
      const item = items.get(row.path) ?? createItem(row.path)
      items.set(row.path, item)
      const parent = parentOf(row.path)
      const list = parent === ROOT ? tree : items.get(parent)?.group ?? tree
      const index = counts.get(list) ?? 0
      counts.set(list, index + 1)
      // Moving an element takes the focus from it.
      if (list.children[index] !== item.element) list.insertBefore(item.element, list.children[index] ?? null)
      show(row, item)
    }
  }

  function removeAllBut (rows: readonly Row[]): void {
    const paths = new Set(rows.map(({ path }) => path))
    for (const [path, { element }] of items) {
      if (paths.has(path)) continue
      element.remove()
      items.delete(path)
    }
  }

  function render (rows: readonly Row[]): void {
    const hadFocus = tree.contains(document.activeElement)
    if (!rows.some(({ path }) => path === current)) current = rowInPlaceOf(current ?? '', shown, rows)?.path
    removeAllBut(rows)
    place(rows)
    shown = rows
    if (hadFocus && current !== undefined && !tree.contains(document.activeElement)) items.get(current)?.element.focus()
  }

  return {
    get current () { return current },
    get rows () { return shown },
    render,

    /** What the buttons are about, and where Tab comes in. */
    select (path: string): void {
      current = path
      render(shown)
    },

    focus (path: string): void {
      current = path
      render(shown)
      items.get(path)?.element.focus()
    },

    mark: (next: typeof marks): void => {
      marks = next
      render(shown)
    },

    pathAt: (target: EventTarget | null): string | undefined =>
      target instanceof Element ? target.closest('li')?.dataset['path'] : undefined
  }
}

function createItem (path: string): Item {
  const element = document.createElement('li')
  const row = document.createElement('div')
  const name = document.createElement('span')
  const group = document.createElement('ul')
  element.role = 'treeitem'
  element.dataset['path'] = path
  group.role = 'group'
  row.className = 'row'
  name.className = 'name'
  row.title = displayName(path)
  row.append(name)
  element.append(row, group)
  return { element, name, group }
}
