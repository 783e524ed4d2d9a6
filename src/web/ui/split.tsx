import type { ComponentChildren } from 'preact'
import { useId, useRef } from 'preact/hooks'

const STEP = 2
const LEAST = 8
const MOST = 100 - LEAST

/** Two panes with a line between them that the pointer drags and the arrows move. `percent` is what the first one has. */
export function Split ({ label, direction, percent, onChange, shows = 'both', children: [first, second], class: className = '' }: {
  /** Of the line, for whoever does not see what it parts. */
  readonly label: string
  readonly direction: 'row' | 'column'
  readonly percent: number
  readonly onChange: (percent: number) => void
  /** What is not shown stays as it is. */
  readonly shows?: 'both' | 'first' | 'second'
  readonly children: readonly [ComponentChildren, ComponentChildren]
  readonly class?: string | undefined
}) {
  const id = useId()
  const root = useRef<HTMLDivElement>(null)
  const isRow = direction === 'row'
  const change = (next: number): void => onChange(Math.round(Math.min(MOST, Math.max(LEAST, next)) * 10) / 10)

  function drag (event: PointerEvent & { readonly currentTarget: HTMLElement }): void {
    const box = root.current?.getBoundingClientRect()
    if (box === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return
    const isReversed = isRow && getComputedStyle(event.currentTarget).direction === 'rtl'
    const part = isRow ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height
    change((isReversed ? 1 - part : part) * 100)
  }

  function press (event: KeyboardEvent): void {
    const [less, more] = isRow ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
    const targets: Record<string, number> = { [less]: percent - STEP, [more]: percent + STEP, Home: LEAST, End: MOST }
    const target = targets[event.key]
    if (target === undefined) return
    event.preventDefault()
    change(target)
  }

  const sizes = shows === 'both' ? `minmax(0, ${percent}fr) auto minmax(0, ${100 - percent}fr)` : 'minmax(0, 1fr)'
  return (
    <div ref={root} class={`split split-${direction} ${className}`} style={isRow ? { gridTemplateColumns: sizes } : { gridTemplateRows: sizes }}>
      <div id={id} class="split-pane" hidden={shows === 'second'}>{first}</div>
      <div
        class="split-line" role="separator" tabIndex={0} hidden={shows !== 'both'} aria-label={label} aria-controls={id} aria-orientation={isRow ? 'vertical' : 'horizontal'}
        aria-valuenow={Math.round(percent)} aria-valuemin={LEAST} aria-valuemax={MOST} onKeyDown={press} onPointerMove={drag}
        onPointerDown={(event) => { event.preventDefault(); event.currentTarget.focus(); event.currentTarget.setPointerCapture(event.pointerId) }}
      />
      <div class="split-pane" hidden={shows === 'first'}>{second}</div>
    </div>
  )
}
