import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { embeddable, type PagePath } from '../protocols/pages.ts'
import SignInPage from './pages/sign-in/page.tsx'
import NotFoundPage from './pages/not-found.tsx'
import { useConsole } from './shell/console.ts'
import { focusHeading } from './shell/focus.ts'
import { Shell } from './shell/shell.tsx'
import { Dialog } from './ui/dialog.tsx'

type Load = () => Promise<{ readonly default: ComponentType }>

const link: Load = async () => await import('./pages/link/page.tsx')
const admin: Load = async () => await import('./pages/admin/page.tsx')
const classes: Load = async () => await import('./pages/classes/page.tsx')
const pages: Readonly<Record<PagePath, Load>> = {
  '/': async () => await import('./pages/home/page.tsx'),
  '/p/:id': async () => await import('./workbench/page.tsx'),
  '/run': async () => await import('./pages/run/page.tsx'),
  '/embed': async () => await import('./pages/run/embed.tsx'),
  '/runs': async () => await import('./pages/runs/page.tsx'),
  '/settings': async () => await import('./pages/settings/page.tsx'),
  '/p/:id/settings': async () => await import('./pages/project-settings/page.tsx'),
  '/classes': classes,
  '/classes/:id': classes,
  '/admin': admin,
  '/admin/:section': admin,
  '/setup': link,
  '/join': link,
  '/reset': link,
  '/connect': link,
  '/invitation': link,
  '/assignment': link
}

/** For whoever is not signed in too. */
const open = new Set<PagePath>(['/run', '/embed', '/setup', '/join', '/reset', '/connect', '/invitation', '/assignment'])

/** Begins to load a page, also before it is known whether somebody may see it. */
export function preload (page: PagePath | undefined): void {
  // Where that fails, the page itself tries again.
  if (page !== undefined) pages[page]().catch(() => undefined)
}

export function App () {
  const { session, router, texts } = useConsole()
  const { page } = router.place.value
  const user = session.user.value
  const mustSignIn = page !== undefined && !open.has(page) && user === null
  const isUnknown = user === undefined && !(page !== undefined && open.has(page))
  const wasIn = useRef<PagePath | undefined>(undefined)
  if (user !== null && user !== undefined) wasIn.current = page
  // A page that holds text which nobody has saved yet stays where it is meanwhile.
  const isInPlace = mustSignIn && page === '/p/:id' && wasIn.current === page
  return (
    <Shell isBare={page === embeddable}>
      {isUnknown ? null : mustSignIn && !isInPlace ? <SignInPage /> : <Page page={page} />}
      {isInPlace && <Dialog title={texts.signIn.title} isTitleShown={false} onClose={() => undefined}><SignInPage /></Dialog>}
    </Shell>
  )
}

/** The page before stays until the next one is there; then that begins with its heading. */
function Page ({ page }: { readonly page: PagePath | undefined }) {
  const [loaded, setLoaded] = useState<{ page: PagePath | undefined, Component: ComponentType } | undefined>(undefined)

  useEffect(() => {
    if (page === undefined) return
    let isWanted = true
    void pages[page]().then(({ default: Component }) => { if (isWanted) setLoaded({ page, Component }) })
    return () => { isWanted = false }
  }, [page])
  useEffect(() => {
    if (loaded !== undefined && (document.activeElement === document.body || document.activeElement === null || document.activeElement.closest('nav, main') !== null)) focusHeading(document)
  }, [loaded])

  if (page === undefined) return <NotFoundPage />
  return loaded === undefined ? null : <loaded.Component />
}
