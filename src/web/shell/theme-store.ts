import { signal } from '@preact/signals'
import { applyTheme, readTheme, storeTheme, type Theme } from '../theme.ts'

export type ThemeStore = ReturnType<typeof createThemeStore>

export function createThemeStore (window: Window) {
  const chosen = signal(readTheme(window))
  return {
    chosen,
    choose (theme: Theme): void {
      storeTheme(window, theme)
      applyTheme(window.document, theme)
      chosen.value = theme
    }
  }
}
