import { urlOfPort } from '../port-links.ts'

const HERE = /^(?:127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\]|localhost)$/
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** Where a printed link leads: what a program calls its own machine is the project, and a browser sees that by its preview. */
export function targetOf (link: string, previewUrl: string | null): string {
  if (previewUrl === null || !URL.canParse(link)) return link
  const { protocol, hostname, port, pathname, search, hash } = new URL(link)
  if (!(protocol in DEFAULT_PORTS) || !HERE.test(hostname)) return link
  const preview = new URL(urlOfPort(previewUrl, port === '' ? DEFAULT_PORTS[protocol] ?? 0 : Number(port)))
  preview.pathname = pathname.replace(/^\/+/, '/')
  preview.search = search
  preview.hash = hash
  return preview.href
}
