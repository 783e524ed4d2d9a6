import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

// The colours are those of the console.
const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: light-dark(#d4dbe1, #2f3a45); --surface: light-dark(#fff, #182028); --accent: light-dark(#0b6e75, #5cc3ca) }
body { margin: 0; background: light-dark(#f5f7f8, #0f1419); color: light-dark(#17212b, #e4eaef); overflow-wrap: anywhere }
header { padding: .75rem 1rem; background: var(--surface); border-bottom: 1px solid var(--line); font-weight: 650 }
main { box-sizing: border-box; width: min(36rem, calc(100% - 2rem)); margin: 10vh auto; padding: .5rem 1.5rem 1rem; background: var(--surface); border: 1px solid var(--line); border-radius: 8px }
h1 { font-size: 1.4rem }
a { color: var(--accent) }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { text-align: left; padding: .25rem 1.5rem .25rem 0 }
button { font: inherit; min-height: 2.5rem; padding: .25rem .9rem; border: 1px solid var(--accent); border-radius: 8px; background: var(--accent); color: light-dark(#fff, #06282b); font-weight: 600 }
small { color: light-dark(#55626f, #9aa7b3) }
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
    `<title>${escape(title)}</title><style>${STYLE}</style></head><body><header>Berth</header><main>`,
    `<h1>${escape(title)}</h1><p>${escape(text)}</p>`,
    table === undefined ? '' : `<table>${cells('th', table.head)}${table.rows.map((row) => cells('td', row)).join('')}</table>`,
    link === undefined ? '' : `<p><a href="${escape(link.url)}"${link.opensTab === true ? ' target="_blank" rel="noopener"' : ''}>${escape(link.label)}</a></p>`,
    button === undefined ? '' : `<form method="post" action="${escape(button.url)}"><button>${escape(button.label)}</button></form>`,
    `<p><small>request ${escape(requestId)}</small></p></main></body></html>`
  ].join('')
}

function escape (text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
