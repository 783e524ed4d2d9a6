export const themes = ['system', 'light', 'dark', 'contrast'] as const
export type Theme = typeof themes[number]

const KEY = 'berth.theme'

export function readTheme (storage: Storage): Theme {
  const stored = storage.getItem(KEY)
  return themes.find((theme) => theme === stored) ?? 'system'
}

export function storeTheme (storage: Storage, theme: Theme): void {
  storage.setItem(KEY, theme)
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
export function followTheme (window: Window, onChange: () => void = () => undefined): void {
  const apply = (): void => {
    applyTheme(window.document, readTheme(window.localStorage))
    onChange()
  }
  apply()
  window.addEventListener('storage', apply)
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply)
}
