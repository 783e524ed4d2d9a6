/** Of this host only: `//elsewhere` and `/\elsewhere` lead away. */
export function localPath (path: string | null | undefined): string {
  return path != null && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : '/'
}
