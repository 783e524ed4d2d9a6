import mime from 'mime'

// The registry knows these endings for something else, such as MPEG video, or not at all; in a project they are source code.
const sources = new Set('ts tsx mts cts py rb go rs php pl kt swift scala hs ex exs c h cpp hpp cs java'.split(' '))
const textual = /^text\/|[+/](json|xml|javascript|toml|sql|x-sh)$|^application\/(yaml|graphql)/
// Of what a browser could execute, pages and SVG alone keep their type: the answer's policy makes nothing but a picture of them.
const kept = /^(text\/(html|plain|csv|markdown)|application\/(json|pdf|zip|gzip|x-tar)|image\/[\w.+-]+|(audio|video|font)\/[\w.+-]+)$/
const shown = /^(text|image|audio|video)\/|^application\/json\b/

/**
 * By the name's ending. Text is said to be UTF-8, as nearly all of it is; the bytes are as they are. Scripts, style sheets,
 * XML and whatever else is not known to be harmless go as text or as bytes.
 */
export function contentTypeOf (path: string): string {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  const type = sources.has(ending) ? 'text/plain' : mime.getType(ending) ?? 'application/octet-stream'
  const served = kept.test(type) ? type : textual.test(type) ? 'text/plain' : 'application/octet-stream'
  return textual.test(served) ? `${served}; charset=utf-8` : served
}

/** Whether a browser shows it when it is opened. Anything else is saved. */
export function isShown (contentType: string): boolean {
  return shown.test(contentType)
}
