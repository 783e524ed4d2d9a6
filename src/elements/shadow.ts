/** An element with attributes and content, as pages have no framework here. */
export function make<Name extends keyof HTMLElementTagNameMap> (name: Name, attributes: Readonly<Record<string, string>> = {}, ...children: Array<Node | string>): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

export const BASE_STYLE = `
  :host { display: block; color-scheme: light dark; --line: light-dark(#c6ced6, #3a444e); --ground: light-dark(#fff, #11181f); --text: light-dark(#17212b, #e3e8ed); --error: light-dark(#b3261e, #ff8a80); color: var(--text); background: var(--ground); border: 1px solid var(--line); border-radius: 6px; overflow: hidden; font: 14px/1.4 system-ui, sans-serif }
  :host([hidden]) { display: none }
  .state { margin: 0; padding: 4px 8px; font-size: 12px; border-top: 1px solid var(--line) }
  .state:empty { display: none }
`
