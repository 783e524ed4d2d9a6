/**
 * A header that no name can break out of: plain for old clients, and percent-encoded as it is for all others (RFC 6266).
 * The library of that name leaves the second out where the first would do, which people rely on by now.
 */
export function contentDisposition (kind: 'inline' | 'attachment', name: string): string {
  const wellFormed = name.toWellFormed()
  const plain = wellFormed.replaceAll(/[^\w. -]/g, '_')
  const encoded = encodeURIComponent(wellFormed).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`
}
