import type { Page } from './pages.ts'

const HOME = { label: 'To the first page', url: '/' }

const pages: Readonly<Record<number, Pick<Page, 'title' | 'text'>>> = {
  400: { title: 'This address is not right', text: 'Something in it cannot be read. Check it, or begin at the first page.' },
  403: { title: 'This is not for you', text: 'Whoever you are signed in as may not see this. Ask its owner.' },
  404: { title: 'There is no such page', text: 'Check the address. What it led to may be gone, or may be somebody else\'s.' },
  410: { title: 'This is gone', text: 'It was here, and is not any more.' },
  429: { title: 'Too many requests', text: 'Wait a moment, then load the page again.' },
  503: { title: 'Not possible at the moment', text: 'The server cannot do this now. Load the page again in a moment.' }
}

/** What is said in a browser, in words that need no knowledge of the API. `path` is where whoever signs in comes back to. */
export function errorPage (statusCode: number, path: string): Pick<Page, 'title' | 'text' | 'link'> {
  if (statusCode === 401) {
    return { title: 'Sign in to see this', text: 'It is only for those who are signed in.', link: { label: 'Sign in', url: `/?next=${encodeURIComponent(path)}` } }
  }
  const isOurFault = statusCode >= 500
  const other = isOurFault
    ? { title: 'Something went wrong', text: 'The server\'s log has the reason under the number below.' }
    : { title: 'This cannot be shown', text: 'The server has refused it. Check the address, or begin at the first page.' }
  return { ...(pages[statusCode] ?? other), link: HOME }
}
