const CONTENT = /^(\/projects\/[^/?#]*\/files\/)([^?#]+)/

/**
 * The URL as the router may have it. A file's name is any bytes, but the router refuses what is not UTF-8 before it asks
 * a route: the escapes of such a path are escaped once more. `pathOfUrl` reads the URL as it was sent.
 */
export function routableUrl (url: string): string {
  return url.replace(CONTENT, (whole, base: string, path: string) => isUtf8Encoded(path) ? whole : base + path.replaceAll('%', '%25'))
}

function isUtf8Encoded (path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
