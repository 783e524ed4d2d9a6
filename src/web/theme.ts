export const themes = ['system', 'light', 'dark', 'contrast'] as const
export type Theme = typeof themes[number]

const KEY = 'berth.theme'

/** Of an address that says it, as frames of others have; else as it was chosen. */
export function readTheme (window: Window): Theme {
  const wanted = new URLSearchParams(window.location.search).get('theme') ?? storageOf(window)?.getItem(KEY)
  return themes.find((theme) => theme === wanted) ?? 'system'
}

export function storeTheme (window: Window, theme: Theme): void {
  storageOf(window)?.setItem(KEY, theme)
}

/** In a frame of another site a browser may refuse it. */
function storageOf (window: Window): Storage | undefined {
  try {
    return window.localStorage
  } catch {
    return undefined
  }
}

/** The style sheets know the rest by this. */
export function applyTheme (document: Document, theme: Theme): void {
  document.documentElement.dataset['theme'] = theme
}

/** For what paints by itself, and has to be told its colours. */
export function isDark (document: Document): boolean {
  return document.documentElement.matches('[data-theme="dark"], [data-theme="contrast"]') ||
    (!document.documentElement.matches('[data-theme="light"]') && matchMedia('(prefers-color-scheme: dark)').matches)
}

/** Applies what was chosen, here or in another window. */
export function followTheme (window: Window): void {
  const apply = (): void => applyTheme(window.document, readTheme(window))
  apply()
  window.addEventListener('storage', apply)
}

/** Calls back when the colours are others, by whatever way. Returns how to stop. */
export function onThemeChange (document: Document, onChange: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const observer = new MutationObserver(onChange)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  system.addEventListener('change', onChange)
  return () => {
    observer.disconnect()
    system.removeEventListener('change', onChange)
  }
}
