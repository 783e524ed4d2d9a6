import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

export interface TabItem {
  readonly id: string
  readonly label: string
  /** What is shown, if that is more than the label. */
  readonly content?: ComponentChildren
  readonly title?: string | undefined
}

/** Tabs that arrows go through. Those that can be closed are so by Delete, or with the mouse. */
export function TabList ({ id, label, tabs, current, onChange, onClose, class: className, panel }: {
  readonly id: string
  readonly label: string
  readonly tabs: readonly TabItem[]
  readonly current: string | undefined
  readonly onChange: (id: string) => void
  readonly onClose?: ((id: string) => unknown) | undefined
  readonly class?: string | undefined
  /** The id of what the tabs are of. */
  readonly panel: string
}) {
  const list = useRef<HTMLDivElement>(null)
  const canClose = onClose !== undefined

  useEffect(() => { list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }) }, [current, tabs.length])

  function press (event: KeyboardEvent): void {
    const at = tabs.findIndex((tab) => tab.id === current)
    if (event.key === 'Delete' && current !== undefined) {
      event.preventDefault()
      onClose?.(current)
      return
    }
    const targets: Record<string, number> = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: (at - 1 + tabs.length) % tabs.length, Home: 0, End: tabs.length - 1 }
    const target = tabs[targets[event.key] ?? -1]
    if (target === undefined) return
    event.preventDefault()
    onChange(target.id)
    list.current?.querySelector<HTMLElement>(`#${CSS.escape(`${id}-${target.id}`)}`)?.focus()
  }

  return (
    <div role="tablist" aria-label={label} ref={list} onKeyDown={press} class={className}>
      {tabs.map((tab) => (
        <button
          key={tab.id} type="button" role="tab" id={`${id}-${tab.id}`} aria-label={tab.label} aria-selected={tab.id === current} aria-controls={panel} title={tab.title}
          aria-keyshortcuts={canClose ? 'Delete' : undefined} tabIndex={tab.id === current ? 0 : -1} onClick={() => onChange(tab.id)}
          onAuxClick={(event) => { if (event.button === 1) void onClose?.(tab.id) }}
        >
          {tab.content ?? tab.label}
          {canClose && <span class="tab-close" aria-hidden="true" onClick={(event) => { event.stopPropagation(); void onClose(tab.id) }}>✕</span>}
        </button>
      ))}
    </div>
  )
}
