import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'

type ButtonProps = Omit<JSX.IntrinsicElements['button'], 'onClick' | 'class'> & {
  readonly class?: string | undefined
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet-danger' | 'link' | undefined
  readonly onPress?: (() => unknown) | undefined
  /** Said while what was pressed is being done. Not `disabled`, which would take the keyboard's focus away. */
  readonly isBusy?: boolean | undefined
  readonly children: ComponentChildren
}

/** A button that is pressed once at a time: until what it does is done, it takes no further press. */
export function Button ({ kind = 'plain', onPress, isBusy = false, children, class: className = '', type = 'button', ...rest }: ButtonProps) {
  const [isWorking, setWorking] = useState(false)
  const busy = isBusy || isWorking

  function press (event: MouseEvent): void {
    if (busy) {
      event.preventDefault()
      return
    }
    const result = onPress?.()
    if (!(result instanceof Promise)) return
    setWorking(true)
    void result.finally(() => setWorking(false))
  }

  return (
    <button {...rest} type={type} class={`${kind} ${className}`} aria-disabled={busy ? 'true' : undefined} onClick={press}>
      {children}
    </button>
  )
}
