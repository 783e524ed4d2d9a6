export interface ShownToast {
  readonly id: number
  readonly text: string
  readonly isProblem: boolean
}

/** Messages in a corner, which screen readers are told of. */
export function ToastList ({ toasts, close, onClose }: { readonly toasts: readonly ShownToast[], readonly close: string, readonly onClose: (id: number) => void }) {
  const render = ({ id, text, isProblem }: ShownToast) => (
    <div key={id} class={isProblem ? 'toast toast-problem' : 'toast'}>
      <p>{text}</p>
      <button type="button" class="icon" aria-label={close} onClick={() => onClose(id)}>✕</button>
    </div>
  )
  return (
    <div class="toasts">
      <div role="status">{toasts.filter(({ isProblem }) => !isProblem).map(render)}</div>
      <div role="alert">{toasts.filter(({ isProblem }) => isProblem).map(render)}</div>
    </div>
  )
}
