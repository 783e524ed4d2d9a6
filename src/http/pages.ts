import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 40rem; margin: 15vh auto; padding: 0 1.5rem }
h1 { font-size: 1.4rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { text-align: left; padding: .25rem 1.5rem .25rem 0 }
button { font: inherit; padding: .4rem 1rem }
small { opacity: .7 }
`

// The one style sheet is known by its hash, so that nothing else can be slipped in.
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'`

export const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': POLICY,
  'Cache-Control': 'no-store',
  // With none at all, a browser names no origin when its button is pressed, and the press is refused.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff'
} as const

export interface Page {
  readonly title: string
  readonly text: string
  readonly table?: { readonly head: readonly string[], readonly rows: ReadonlyArray<readonly string[]> }
  readonly link?: { readonly label: string, readonly url: string, readonly opensTab?: boolean }
  /** A button that posts there. */
  readonly button?: { readonly label: string, readonly url: string }
  /** Loaded again after so long. */
  readonly refreshSeconds?: number
  /** Where that leads; default the same page. */
  readonly refreshUrl?: string
  readonly requestId: string
}

export function wantsPage ({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers.upgrade === undefined && /\btext\/html\b/.test(headers.accept ?? '')
}

export function renderPage ({ title, text, table, link, button, refreshSeconds, refreshUrl, requestId }: Page): string {
  const cells = (tag: string, texts: readonly string[]): string => `<tr>${texts.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`
  const target = refreshUrl === undefined ? '' : `; url=${refreshUrl}`
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    refreshSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${escape(`${refreshSeconds}${target}`)}">`,
    `<title>${escape(title)}</title><style>${STYLE}</style></head><body><main>`,
    `<h1>${escape(title)}</h1><p>${escape(text)}</p>`,
    table === undefined ? '' : `<table>${cells('th', table.head)}${table.rows.map((row) => cells('td', row)).join('')}</table>`,
    link === undefined ? '' : `<p><a href="${escape(link.url)}"${link.opensTab === true ? ' target="_blank" rel="noopener"' : ''}>${escape(link.label)}</a></p>`,
    button === undefined ? '' : `<form method="post" action="${escape(button.url)}"><button>${escape(button.label)}</button></form>`,
    `<p><small>Berth · request ${escape(requestId)}</small></p></main></body></html>`
  ].join('')
}

function escape (text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
