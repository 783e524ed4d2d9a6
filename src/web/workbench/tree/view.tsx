import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { displayName, nameOf } from '../../../client/files/paths.ts'
import { useWorkbench } from '../workbench.ts'
import type { Row } from './model.ts'
import { stepFor } from './navigation.ts'

/** In pixels: what can be seen is all that is drawn. */
const ROW_HEIGHT = 26
const OVERSCAN = 12

/** The tree of the files, for the mouse and for the keys that trees have. */
export function TreeView ({ onRename, onDelete }: { readonly onRename: (path: string) => void, readonly onDelete: (path: string) => void }) {
  const { tree, texts, openFile, editors, attempt, project } = useWorkbench()
  const list = useRef<HTMLUListElement>(null)
  const [view, setView] = useState({ top: 0, height: 600 })
  const rows = tree.rows.value
  const current = tree.current.value
  const focusWanted = tree.focusWanted.value
  const revealWanted = tree.revealWanted.value
  const open = editors.shown.value?.path.value
  const unsaved = editors.unsaved.value
  const first = Math.max(0, Math.floor(view.top / ROW_HEIGHT) - OVERSCAN)
  const last = Math.ceil((view.top + view.height) / ROW_HEIGHT) + OVERSCAN
  const at = rows.findIndex(({ path }) => path === current)
  // Before the row is gone that has it.
  const hadFocus = useRef(false)
  hadFocus.current = list.current?.contains(document.activeElement) === true
  const wanted = useRef(focusWanted)

  useLayoutEffect(() => {
    const scroller = list.current?.parentElement
    if (scroller == null) return
    const see = (): void => setView({ top: scroller.scrollTop, height: scroller.clientHeight })
    const observer = new ResizeObserver(see)
    observer.observe(scroller)
    scroller.addEventListener('scroll', see, { passive: true })
    return () => {
      observer.disconnect()
      scroller.removeEventListener('scroll', see)
    }
  }, [])

  useLayoutEffect(() => {
    const scroller = list.current?.parentElement
    if (scroller == null || at === -1) return
    const top = at * ROW_HEIGHT
    if (top < scroller.scrollTop) scroller.scrollTop = top
    else if (top + ROW_HEIGHT > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + ROW_HEIGHT - scroller.clientHeight
  }, [focusWanted, revealWanted])

  useLayoutEffect(() => {
    const isWanted = wanted.current !== focusWanted
    wanted.current = focusWanted
    if (isWanted || (hadFocus.current && !list.current?.contains(document.activeElement))) list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true })
  })

  function activate ({ path, type }: Row): void {
    if (type === 'directory') tree.toggle(path)
    else attempt(async () => await openFile(path))
  }

  function press (event: KeyboardEvent): void {
    const row = rows[at]
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const step = stepFor(event.key, rows, row.path)
    if (event.key === 'Enter' || event.key === ' ') activate(row)
    else if (event.key === 'F2') onRename(row.path)
    else if (event.key === 'Delete') onDelete(row.path)
    else if (step !== undefined) tree.take(step)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const shown = rows.slice(first, last).map((row, index) => ({ row, index: first + index }))
  const currentRow = rows[at]
  if (currentRow !== undefined && (at < first || at >= last)) shown.push({ row: currentRow, index: at })

  return (
    <ul ref={list} class="tree" role="tree" aria-label={texts.tree.label} style={{ height: `${rows.length * ROW_HEIGHT}px` }} onKeyDown={press}>
      {shown.map(({ row, index }) => {
        const { path, type, level, position, count, isExpanded } = row
        const name = displayName(nameOf(path))
        const isUnsaved = unsaved.has(path)
        return (
          <li
            key={path} role="treeitem" draggable={project.canEdit.value} aria-label={isUnsaved ? texts.tree.unsaved(name) : name} aria-level={level} aria-posinset={position} aria-setsize={count}
            aria-selected={path === tree.selected.value} aria-expanded={type === 'directory' ? isExpanded : undefined} aria-current={path === open ? 'true' : undefined}
            tabIndex={path === current ? 0 : -1} data-path={path} data-type={type} class={isUnsaved ? 'unsaved' : ''} title={displayName(path)}
            style={{ top: `${index * ROW_HEIGHT}px`, '--level': level }} onFocus={() => { tree.current.value = path }}
            onClick={() => {
              tree.focus(path)
              activate(row)
            }}
          >
            <div class="row"><span class="name">{name}</span></div>
          </li>
        )
      })}
    </ul>
  )
}
