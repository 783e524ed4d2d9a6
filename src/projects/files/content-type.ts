import mime from 'mime'

// The registry knows these endings for something else, such as MPEG video, or not at all; in a project they are source code.
const sources = new Set('ts tsx mts cts py rb go rs php pl kt swift scala hs ex exs c h cpp hpp cs java'.split(' '))
const textual = /^text\/|[+/](json|xml|javascript|toml|sql|x-sh)$|^application\/(yaml|graphql)/

/** By the name's ending. Text is said to be UTF-8, as nearly all of it is; the bytes are as they are. */
export function contentTypeOf (path: string): string {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  const type = sources.has(ending) ? 'text/plain' : mime.getType(ending) ?? 'application/octet-stream'
  return textual.test(type) ? `${type}; charset=utf-8` : type
}

/** A header that no name can break out of: what is not plain goes percent-encoded (RFC 6266). */
export function contentDisposition (kind: 'inline' | 'attachment', path: string): string {
  const name = path.split('/').at(-1)?.toWellFormed() ?? ''
  const plain = name.replaceAll(/[^\w. -]/g, '_')
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`
}
