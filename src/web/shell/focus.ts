/**
 * What is deleted while it has the focus takes that with it, and the keyboard would begin at the top of the page: it goes
 * to the nearest heading of what is still there.
 */
export function keepFocus (document: Document): void {
  let trail: Element[] = []

  document.addEventListener('focusin', ({ target }) => {
    trail = []
    for (let element = target instanceof Element ? target : null; element !== null; element = element.parentElement) trail.push(element)
  })
  new MutationObserver(() => {
    if (trail[0] === undefined || trail[0].isConnected || (document.activeElement !== document.body && document.activeElement !== null)) return
    const survivor = trail.find((element) => element.isConnected && element !== document.body && element !== document.documentElement)
    focusHeading(survivor?.closest('section, form, main') ?? document)
  }).observe(document.body, { childList: true, subtree: true })
}

/** Headings are not reached by Tab; they can be given the focus where there is a new beginning. */
export function focusHeading (root: ParentNode): void {
  const heading = root.querySelector<HTMLElement>('h1, h2') ?? document.querySelector<HTMLElement>('h1')
  if (heading === null) return
  heading.tabIndex = -1
  heading.focus()
}
