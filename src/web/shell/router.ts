import { signal } from '@preact/signals'
import { pagePaths, type PagePath } from '../../protocols/pages.ts'

export interface Place {
  readonly page: PagePath | undefined
  /** What stands for the parts of the path that begin with a colon. */
  readonly params: Readonly<Record<string, string>>
  readonly pathname: string
  readonly search: string
  readonly hash: string
}

export type Router = ReturnType<typeof createRouter>

/** The pages of one origin without loading anew: links among them and the buttons of the browser. */
export function createRouter (window: Window) {
  const place = signal(placeAt(window.location))
  const read = (): void => { place.value = placeAt(window.location) }

  function go (address: string, { replaces = false } = {}): void {
    const url = new URL(address, window.location.href)
    if (url.origin !== window.location.origin || placeAt(url).page === undefined) {
      window.location.assign(url)
      return
    }
    if (replaces) window.history.replaceState(null, '', url)
    else window.history.pushState(null, '', url)
    read()
  }

  window.addEventListener('popstate', read)
  window.document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (link === null || !isPlain(event) || link.target !== '' || link.hasAttribute('download')) return
    const url = new URL(link.href, window.location.href)
    if (url.origin !== window.location.origin || placeAt(url).page === undefined) return
    event.preventDefault()
    go(url.href)
  })

  return { place, go }
}

function isPlain ({ defaultPrevented, button, ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  return !defaultPrevented && button === 0 && !ctrlKey && !metaKey && !shiftKey && !altKey
}

/** Which page an address is of. */
function placeAt ({ pathname, search, hash }: Pick<URL, 'pathname' | 'search' | 'hash'>): Place {
  for (const page of pagePaths) {
    const params = match(page, pathname)
    if (params !== undefined) return { page, params, pathname, search, hash }
  }
  return { page: undefined, params: {}, pathname, search, hash }
}

function match (pattern: string, pathname: string): Record<string, string> | undefined {
  const parts = pathname.replace(/(?<=.)\/$/, '').split('/')
  const names = pattern.split('/')
  if (parts.length !== names.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, name] of names.entries()) {
    const part = parts[index] ?? ''
    if (name.startsWith(':') && part !== '') params[name.slice(1)] = part
    else if (name !== part) return undefined
  }
  return params
}
