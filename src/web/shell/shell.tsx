import type { ComponentChildren } from 'preact'
import { lazy, Suspense } from 'preact/compat'
import { useEffect } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { Dialog } from '../ui/dialog.tsx'
import { ToastList } from '../ui/toast.tsx'
import { Button } from '../ui/button.tsx'
import { AccountMenu } from './account-menu.tsx'
import { useConsole } from './console.ts'
import icon from '../icon.svg'

const loadPalette = async () => await import('../ui/palette.tsx')
const Palette = lazy(loadPalette)
/** When the page itself is there. */
const PALETTE_MS = 300

/** What is around every page; around a bare one, only what may be said about it. */
export function Shell ({ isBare, children }: { readonly isBare: boolean, readonly children: ComponentChildren }) {
  const { texts, commands, router, toasts, confirmations } = useConsole()
  const open = useSignal<'palette' | 'keys' | undefined>(undefined)
  const question = confirmations.question.value
  const close = (): void => { open.value = undefined }

  // Whoever types at once after its key means the palette. (Safari has no requestIdleCallback.)
  useEffect(() => {
    const soon = setTimeout(() => loadPalette().catch(() => undefined), PALETTE_MS)
    return () => clearTimeout(soon)
  }, [])
  useEffect(() => commands.register([
    { id: 'palette', title: texts.commands.palette, keys: ['Ctrl+K', 'F1'], run: () => { open.value = 'palette' } },
    { id: 'keys', title: texts.commands.keys, keys: ['?'], run: () => { open.value = 'keys' } },
    { id: 'projects', title: texts.shell.projects, run: () => router.go('/') },
    { id: 'playground', title: texts.run.title, run: () => router.go('/run') },
    { id: 'runs', title: texts.runs.title, run: () => router.go('/runs') },
    { id: 'classes', title: texts.classes.title, run: () => router.go('/classes') },
    { id: 'settings', title: texts.shell.settings, run: () => router.go('/settings') },
    { id: 'docs', title: texts.commands.docs, run: () => router.go('/docs') }
  ]), [])

  return (
    <>
      {!isBare && <Header />}
      <main id="main">{children}</main>
      <ToastList toasts={toasts.shown.value} close={texts.shell.close} onClose={toasts.close} />
      {open.value === 'palette' && (
        <Suspense fallback={null}>
          <Palette
            title={texts.commands.palette} placeholder={texts.shell.palettePlaceholder} none={texts.shell.nothingFound} onClose={close}
            entries={commands.all.value.filter(({ id }) => id !== 'palette').map(({ keys, ...command }) => ({ ...command, keys: keys?.[0] }))}
          />
        </Suspense>
      )}
      {open.value === 'keys' && (
        <Dialog title={texts.commands.keys} onClose={close}>
          <dl class="keys">
            {commands.all.value.filter(({ keys }) => keys !== undefined).map(({ id, title, keys = [] }) => (
              <div key={id}><dt>{title}</dt><dd>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dd></div>
            ))}
          </dl>
          <div class="actions"><Button onPress={close}>{texts.shell.close}</Button></div>
        </Dialog>
      )}
      {question !== undefined && (
        <Dialog title={question.title} onClose={() => question.answer(false)}>
          <p>{question.text}</p>
          <div class="actions">
            <Button onPress={() => question.answer(false)}>{texts.shell.keep}</Button>
            <Button kind="danger" onPress={() => question.answer(true)}>{question.action}</Button>
          </div>
        </Dialog>
      )}
    </>
  )
}

function Header () {
  const { texts, session, commands, router } = useConsole()
  const user = session.user.value
  const isWorkbench = router.place.value.page === '/p/:id'
  return (
    <>
      <a class="skip" href="#main">{texts.shell.skip}</a>
      <header class="bar">
        <a class="brand" href="/" aria-label={texts.shell.brand}><img src={icon} alt="" width="24" height="24" />Berth</a>
        {user !== null && user !== undefined && !isWorkbench && <Navigation />}
        {/* What a page has to say beside the brand. */}
        <div id="page-bar" class="page-bar" />
        <div class="bar-end">
          <button type="button" class="search-button" aria-keyshortcuts="Control+K" onClick={() => commands.run('palette')}>
            <span>{texts.shell.search}</span> <kbd>Ctrl+K</kbd>
          </button>
          <AccountMenu />
        </div>
      </header>
    </>
  )
}

function Navigation () {
  const { texts, router, session } = useConsole()
  const { pathname } = router.place.value
  const role = session.user.value?.role
  const links: ReadonlyArray<readonly [string, string]> = [
    ['/', texts.shell.projects], ['/run', texts.run.title], ['/runs', texts.runs.title],
    ...(role === 'teacher' || role === 'admin' ? [['/classes', texts.classes.title] as const] : []),
    ...(role === 'admin' ? [['/admin', texts.admin.title] as const] : [])
  ]
  const isAt = (href: string): boolean => pathname === href || (href !== '/' && pathname.startsWith(`${href}/`))
  return (
    <nav aria-label={texts.shell.navigation} class="navigation">
      {links.map(([href, label]) => <a key={href} href={href} aria-current={isAt(href) ? 'page' : undefined}>{label}</a>)}
    </nav>
  )
}
