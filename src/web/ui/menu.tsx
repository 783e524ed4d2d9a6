import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

export interface MenuItem {
  readonly label: string
  /** Of one of several that can be chosen: whether it is. */
  readonly isChosen?: boolean | undefined
  readonly isDangerous?: boolean | undefined
  readonly href?: string | undefined
  readonly onPress?: (() => unknown) | undefined
}

/** A button with a list of what can be done. Arrows go through it, Escape closes it, and a letter goes to what begins with it. */
export function Menu ({ label, class: className, button, groups }: {
  readonly label: string
  readonly class?: string | undefined
  readonly button: ComponentChildren
  readonly groups: ReadonlyArray<readonly MenuItem[]>
}) {
  const [isOpen, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const items = (): HTMLElement[] => [...root.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? []]

  function close (): void {
    setOpen(false)
    opener.current?.focus()
  }

  // Before any key that is pressed next.
  useLayoutEffect(() => { if (isOpen) items()[0]?.focus() }, [isOpen])

  function move (key: string): boolean {
    const all = items()
    const at = all.indexOf(document.activeElement as HTMLElement)
    const byLetter = [...all.slice(at + 1), ...all.slice(0, at + 1)].find((item) => item.textContent?.toLowerCase().startsWith(key.toLowerCase()))
    const targets: Record<string, HTMLElement | undefined> = { ArrowDown: all[(at + 1) % all.length], ArrowUp: all.at(at <= 0 ? -1 : at - 1), Home: all[0], End: all.at(-1) }
    const target = targets[key] ?? (key.length === 1 && key !== ' ' ? byLetter : undefined)
    target?.focus()
    return target !== undefined
  }

  function press (event: KeyboardEvent): void {
    if (!isOpen) return
    if (event.key === 'Escape') close()
    else if (event.key === 'Tab') return setOpen(false)
    else if (event.ctrlKey || event.metaKey || event.altKey || !move(event.key)) return
    event.preventDefault()
    event.stopPropagation()
  }

  function renderItem ({ label, isChosen, isDangerous, href, onPress }: MenuItem) {
    const role = isChosen === undefined ? 'menuitem' : 'menuitemradio'
    const common = { role, tabIndex: -1, class: isDangerous === true ? 'dangerous' : '', 'aria-checked': isChosen } as const
    if (href !== undefined) return <a {...common} href={href} onClick={() => setOpen(false)}>{label}</a>
    return <button {...common} type="button" onClick={() => { close(); void onPress?.() }}>{label}</button>
  }

  return (
    <div class="menu" ref={root} onKeyDown={press} onFocusOut={(event) => { if (isOpen && !root.current?.contains(event.relatedTarget as Node | null)) setOpen(false) }}>
      <button ref={opener} type="button" class={className} aria-haspopup="menu" aria-expanded={isOpen} aria-label={label} onClick={() => setOpen(!isOpen)}>{button}</button>
      {isOpen && (
        <div role="menu" aria-label={label} class="menu-items card">
          {groups.map((group, index) => <div role="group" key={index}>{group.map((item) => <div role="none" key={item.label}>{renderItem(item)}</div>)}</div>)}
        </div>
      )}
    </div>
  )
}
