import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { WebglAddon } from '@xterm/addon-webgl'
import { Terminal } from '@xterm/xterm'
import type { Size } from '../../protocols/terminal.ts'
import { loadMonospace } from '../fonts.ts'
import { isDark, onThemeChange } from '../theme.ts'
import { themeFor } from './themes.ts'
import { scrollByTouch } from './touch.ts'

const RESIZE_QUIET_MS = 100
const SCROLLBACK_LINES = 10_000
const EMULATION = /swiftshader|llvmpipe|softpipe|software|basic render/i

/** xterm.js in an element: themed, sized to the element, with links, search and Unicode 11 widths. */
export function createScreen (element: HTMLElement, { onFit, onLink }: { onFit: (size: Size) => void, onLink: (link: string) => void }) {
  const theme = () => themeFor(isDark(document))
  const terminal = new Terminal({
    // Search marks and Unicode versions are still called proposed.
    allowProposedApi: true,
    cursorBlink: true,
    fontFamily: 'monospace',
    fontSize: 14,
    // In a cell of whole pixels some fonts lose their underscores.
    lineHeight: 1.1,
    minimumContrastRatio: 4.5,
    scrollback: SCROLLBACK_LINES,
    theme: theme().terminal
  })
  const fit = new FitAddon()
  const search = new SearchAddon()
  for (const addon of [fit, search, new Unicode11Addon(), new WebLinksAddon((_event, link) => onLink(link))]) terminal.loadAddon(addon)
  terminal.unicode.activeVersion = '11'
  terminal.open(element)
  if (hasGpu()) drawWithWebgl(terminal)
  fit.fit()

  const stopFollowing = onThemeChange(document, () => { terminal.options.theme = theme().terminal })
  scrollByTouch(element, terminal)

  /** Takes the size that the element has room for, also when another client had set another one. */
  function fitNow (): void {
    // An element that is not shown has no size to go by.
    if (element.offsetParent === null || fit.proposeDimensions() === undefined) return
    fit.fit()
    onFit(size())
  }

  loadMonospace(document.fonts).then((fontFamily) => {
    terminal.options.fontFamily = fontFamily
    fitNow()
  }, () => undefined)

  let timer: ReturnType<typeof setTimeout> | undefined
  const observer = new ResizeObserver(() => {
    clearTimeout(timer)
    timer = setTimeout(fitNow, RESIZE_QUIET_MS)
  })
  observer.observe(element)

  const size = (): Size => ({ cols: terminal.cols, rows: terminal.rows })

  return {
    terminal,
    search,
    size,
    fit: fitNow,
    /** Colours of what a search has found. */
    matchColours: theme,
    dispose (): void {
      clearTimeout(timer)
      observer.disconnect()
      stopFollowing()
      terminal.dispose()
    }
  }
}

/** WebGL without a GPU is emulated: 8 MB of output took 11 s that way, and 4 s when drawn with elements. */
function hasGpu (): boolean {
  const context = document.createElement('canvas').getContext('webgl2')
  if (context === null) return false
  // Asking for a context without a performance caveat would say the same, but Chromium does not count its own emulation.
  const names = context.getExtension('WEBGL_debug_renderer_info')
  const renderer = String(context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER))
  // A browser has few contexts to give.
  context.getExtension('WEBGL_lose_context')?.loseContext()
  return !EMULATION.test(renderer)
}

/** Where it fails, or loses its context, xterm.js goes on with elements. */
function drawWithWebgl (terminal: Terminal): void {
  const webgl = new WebglAddon()
  webgl.onContextLoss(() => webgl.dispose())
  try {
    terminal.loadAddon(webgl)
  } catch {
    webgl.dispose()
  }
}

export type Screen = ReturnType<typeof createScreen>
