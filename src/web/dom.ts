/** The element that a page must have, with its type checked; a missing one is a mistake in the page. */
export function find<T extends Element> (root: ParentNode, selector: string, type: new () => T): T {
  const element = root.querySelector(selector)
  if (!(element instanceof type)) throw new Error(`the page has no ${type.name} ${selector}`)
  return element
}

/** Shows a message in an element that is hidden while there is none. */
export function showMessage (element: HTMLElement, message: string | undefined): void {
  element.textContent = message ?? ''
  element.hidden = message === undefined
}

/** A button that is pressed or not, and tells of it. */
export function wireToggle (button: HTMLButtonElement, onChange: (isPressed: boolean) => void): void {
  button.addEventListener('click', () => {
    const isPressed = button.ariaPressed !== 'true'
    button.ariaPressed = String(isPressed)
    onChange(isPressed)
  })
}
