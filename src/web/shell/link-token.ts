import { pagePaths } from '../../protocols/pages.ts'

const LINKS: readonly string[] = pagePaths.filter((path) => ['/setup', '/join', '/reset', '/invitation', '/assignment'].includes(path))

/** What follows the # in a link that somebody was given. It goes from the address at once, and waits in this tab alone while they sign in. */
export function takeLinkToken ({ location, history, sessionStorage }: Window): string {
  const { pathname, hash } = location
  if (!LINKS.includes(pathname)) return ''
  const token = hash.slice(1) || sessionStorage.getItem(pathname) || ''
  sessionStorage.removeItem(pathname)
  history.replaceState(null, '', pathname)
  return token
}
