import fuzzysort from 'fuzzysort'
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks'
import { Dialog } from './dialog.tsx'

export interface PaletteEntry {
  readonly id: string
  readonly title: string
  readonly detail?: string | undefined
  readonly keys?: string | undefined
  readonly run: () => void
}

const MOST_SHOWN = 50

/** A field to find anything by some of its letters; arrows choose, Enter does it. */
export default function Palette ({ title, placeholder, none, note, entries, onText, onClose }: {
  readonly title: string
  readonly placeholder: string
  readonly none: string
  /** Of what was found. */
  readonly note?: string | undefined
  readonly entries: readonly PaletteEntry[]
  /** Whoever has this finds the entries by itself. */
  readonly onText?: ((text: string) => void) | undefined
  readonly onClose: () => void
}) {
  const id = useId()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const list = useRef<HTMLUListElement>(null)
  const found = useMemo(() => {
    if (onText !== undefined) return entries
    const words = text.trim()
    if (words === '') return entries.slice(0, MOST_SHOWN)
    return fuzzysort.go(words, entries, { keys: ['title', 'detail'], limit: MOST_SHOWN, threshold: 0 }).map(({ obj }) => obj)
  }, [entries, text])

  useEffect(() => { list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' }) }, [chosen])

  function take (entry: PaletteEntry | undefined): void {
    if (entry === undefined) return
    onClose()
    // Once the focus is back where it was: what is done may move it.
    setTimeout(entry.run)
  }

  function press (event: KeyboardEvent): void {
    if (event.key === 'ArrowDown') setChosen((chosen + 1) % Math.max(1, found.length))
    else if (event.key === 'ArrowUp') setChosen((chosen - 1 + found.length) % Math.max(1, found.length))
    else if (event.key === 'Enter') take(found[chosen])
    else return
    event.preventDefault()
  }

  return (
    <Dialog title={title} isTitleShown={false} onClose={onClose}>
      <input
        class="palette-text" role="combobox" aria-label={title} aria-expanded="true" aria-controls={id} aria-activedescendant={found.length === 0 ? undefined : `${id}-${chosen}`} aria-autocomplete="list"
        autocomplete="off" spellcheck={false} placeholder={placeholder} value={text} onKeyDown={press}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setChosen(0)
          onText?.(event.currentTarget.value)
        }}
      />
      <ul ref={list} id={id} role="listbox" aria-label={title} class="palette-list">
        {found.map((entry, index) => (
          <li key={entry.id} id={`${id}-${index}`} role="option" aria-selected={index === chosen} onClick={() => take(entry)} onMouseMove={() => setChosen(index)}>
            <span>{entry.title}</span>
            {entry.detail !== undefined && <span class="quiet">{entry.detail}</span>}
            {entry.keys !== undefined && <kbd>{entry.keys}</kbd>}
          </li>
        ))}
      </ul>
      <p class="quiet" role="status">{found.length === 0 ? none : note ?? ''}</p>
    </Dialog>
  )
}
