import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Api } from '../api/client.ts'
import { messageOf } from '../words.ts'
import type { Texts } from '../texts/en.ts'
import type { Commands } from './commands.ts'
import type { Confirmations } from './confirmations.ts'
import type { Router } from './router.ts'
import type { Session } from './session.ts'
import type { ThemeStore } from './theme-store.ts'
import type { Toasts } from './toasts.ts'

/** What every page can use. */
export interface Console {
  /** Of the link that led here; empty without one. */
  readonly linkToken: string
  readonly api: Api
  readonly texts: Texts
  readonly router: Router
  readonly session: Session
  readonly commands: Commands
  readonly toasts: Toasts
  readonly confirmations: Confirmations
  readonly theme: ThemeStore
}

export const ConsoleContext = createContext<Console | undefined>(undefined)

export function useConsole (): Console {
  const console = useContext(ConsoleContext)
  if (console === undefined) throw new Error('a page is shown outside of the console')
  return console
}

/** Does something, and shows what went wrong with it. */
export function useAttempt (): (action: () => Promise<unknown>) => Promise<void> {
  const { session, toasts } = useConsole()
  return async (action) => {
    try {
      await action()
    } catch (error) {
      session.heed(error)
      toasts.complain(messageOf(error))
    }
  }
}
