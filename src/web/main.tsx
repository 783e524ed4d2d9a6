import { render } from 'preact'
import { createApi } from './api/client.ts'
import { App, preload } from './app.tsx'
import { createCommands } from './shell/commands.ts'
import { createConfirmations } from './shell/confirmations.ts'
import { ConsoleContext, type Console } from './shell/console.ts'
import { keepFocus } from './shell/focus.ts'
import { takeLinkToken } from './shell/link-token.ts'
import { createRouter } from './shell/router.ts'
import { createSession } from './shell/session.ts'
import { createThemeStore } from './shell/theme-store.ts'
import { createToasts } from './shell/toasts.ts'
import { loadTexts } from './texts/load.ts'
import { followTheme } from './theme.ts'

async function openConsole (root: HTMLElement): Promise<void> {
  const linkToken = takeLinkToken(window)
  followTheme(window)
  const api = createApi(window.fetch.bind(window))
  const session = createSession(api)
  const toasts = createToasts()
  const router = createRouter(window)
  preload(router.place.peek().page)
  const loaded = session.load().catch(() => toasts.complain(texts.shell.unreachable))
  const texts = await loadTexts(navigator.languages, document)
  const commands = createCommands()
  const console: Console = {
    linkToken, api, texts, session, commands, toasts, router, confirmations: createConfirmations(), theme: createThemeStore(window)
  }
  window.addEventListener('keydown', (event) => { if (commands.press(event)) event.preventDefault() })
  keepFocus(document)
  await loaded
  render(<ConsoleContext.Provider value={console}><App /></ConsoleContext.Provider>, root)
}

const root = document.getElementById('app')
if (root !== null) void openConsole(root)
