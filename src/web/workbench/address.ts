export interface Target {
  readonly path: string
  readonly line: number | undefined
  readonly column: number | undefined
}

/** A file in an address, as `src/main.py:12` or `src/main.py:12:3`. */
export function parseTarget (text: string): Target {
  const [, path = text, line, column] = /^(.*?)(?::(\d{1,9}))?(?::(\d{1,9}))?$/s.exec(text) ?? []
  return { path, line: line === undefined ? undefined : Number(line), column: column === undefined ? undefined : Number(column) }
}

export function writeTarget (path: string, line?: number): string {
  if (line !== undefined && line > 1) return `${path}:${line}`
  // Of a name that ends like that, no part is a line.
  return /:\d{1,9}$/.test(path) ? `${path}:1` : path
}

/** The address with the file and the terminal that are shown. */
export function addressOf (pathname: string, { file, terminal }: { file: string | undefined, terminal: string | undefined }): string {
  const search = new URLSearchParams()
  // No address can carry a name whose bytes are not UTF-8.
  if (file?.isWellFormed() === true) search.set('file', file)
  if (terminal !== undefined) search.set('terminal', terminal)
  const text = search.toString().replaceAll('%2F', '/').replaceAll('%3A', ':')
  return text === '' ? pathname : `${pathname}?${text}`
}
