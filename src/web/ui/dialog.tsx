import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'

/** A window over the page, which has the focus until it is closed; then the focus goes back. */
export function Dialog ({ title, onClose, isWide = false, isTitleShown = true, children }: {
  readonly title: string
  readonly onClose: () => void
  readonly isWide?: boolean | undefined
  readonly isTitleShown?: boolean | undefined
  readonly children: ComponentChildren
}) {
  const id = useId()
  const ref = useRef<HTMLDialogElement>(null)

  // At once: what is typed next is meant for it.
  useLayoutEffect(() => {
    const dialog = ref.current
    const opener = document.activeElement
    dialog?.showModal()
    return () => {
      dialog?.close()
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
  }, [])

  return (
    <dialog
      ref={ref} class={isWide ? 'wide' : ''} aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); onClose() }}
      onClick={(event) => { if (event.target === ref.current) onClose() }}
    >
      <div class="dialog-content">
        <h2 id={id} class={isTitleShown ? '' : 'visually-hidden'}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
