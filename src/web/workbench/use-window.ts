import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { nameOf } from '../../client/files/paths.ts'
import type { Workbench } from './workbench.ts'

/** What the window is called, and what happens when somebody leaves it, or comes back signed in. */
export function useWindow ({ editors, terminals, project, restart, console: { session } }: Workbench): void {
  const wasOut = useRef(false)
  /** Where somebody works in one, the window is called what a program has set there. */
  const isInTerminal = useSignal(false)

  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => { if (editors.unsaved.peek().size > 0) event.preventDefault() }
    const hide = (): void => { if (document.hidden) editors.remember() }
    window.addEventListener('beforeunload', ask)
    window.addEventListener('pagehide', editors.remember)
    document.addEventListener('visibilitychange', hide)
    return () => {
      window.removeEventListener('beforeunload', ask)
      window.removeEventListener('pagehide', editors.remember)
      document.removeEventListener('visibilitychange', hide)
    }
  }, [])

  useSignalEffect(() => {
    const isIn = session.user.value !== null
    if (isIn && wasOut.current) restart()
    wasOut.current = !isIn
  })

  useEffect(() => {
    const look = ({ target }: FocusEvent): void => { isInTerminal.value = target instanceof Element && target.closest('.screen') !== null }
    document.addEventListener('focusin', look)
    return () => document.removeEventListener('focusin', look)
  }, [])
  useSignalEffect(() => {
    // Another page is over this one.
    if (session.user.value === null) return
    const path = editors.shown.value?.path.value
    const ofProgram = isInTerminal.value ? terminals.shown.value?.title.value ?? '' : ''
    const parts = [path === undefined ? '' : nameOf(path), project.project.value?.name ?? '', 'Berth'].filter((part) => part !== '')
    document.title = ofProgram === '' ? parts.join(' · ') : ofProgram
  })
}
