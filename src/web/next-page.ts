/** The sign-in page, with the way back to where somebody was. */
export function signInUrl (path: string): string {
  return `/?next=${encodeURIComponent(path)}`
}

/** Where to sign in by a provider, who sends the browser back to this page. */
export function providerUrl (begin: string, next: string | undefined): string {
  if (next === undefined) return begin
  const { pathname, search, hash } = new URL(next)
  return `${begin}?next=${encodeURIComponent(pathname + search + hash)}`
}

/** Where to go after signing in. Only pages of this origin count: the parameter can be anybody's. */
export function nextPage (search: string, origin: string): string | undefined {
  const next = new URLSearchParams(search).get('next')
  if (next === null || !URL.canParse(next, origin)) return undefined
  const url = new URL(next, origin)
  // Whole, not its path alone: "//evil.example/" is a fine path, and another origin for whoever follows it.
  return url.origin === origin ? url.href : undefined
}
