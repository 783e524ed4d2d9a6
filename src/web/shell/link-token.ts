import { pagePaths } from '../../protocols/pages.ts'

const LINKS: readonly string[] = pagePaths.filter((path) => ['/setup', '/join', '/reset', '/invitation', '/assignment'].includes(path))

/** What follows the # in a link that somebody was given. It goes from the address at once, and waits in this tab alone while they sign in. */
export function takeLinkToken (window: Window): string {
  const { pathname, hash } = window.location
  if (!LINKS.includes(pathname)) return ''
  // Not before: a page in a frame of another site may not have it.
  const { history, sessionStorage } = window
  const token = hash.slice(1) || sessionStorage.getItem(pathname) || ''
  sessionStorage.removeItem(pathname)
  history.replaceState(null, '', pathname)
  return token
}
