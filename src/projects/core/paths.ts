import { isUtf8 } from 'node:buffer'
import { errors } from '../../errors.ts'
import { pathProblem } from '../../lib/paths.ts'
import { OWN_PREFIX } from './names.ts'

// Bytes of a name that are not UTF-8 are shown as lone surrogates, U+DC80 to U+DCFF, as Python does: JSON can carry
// them, no real character is one, and what a client was shown it can send back to name the same file.
const ESCAPE = 0xdc00

/** A path of the agent as clients see it. */
export function pathToText (path: Buffer): string {
  if (isUtf8(path)) return path.toString()
  let text = ''
  for (let offset = 0; offset < path.length;) {
    const length = validLength(path, offset)
    text += length === 0 ? String.fromCharCode(ESCAPE + (path[offset] ?? 0)) : path.toString('utf8', offset, offset + length)
    offset += Math.max(length, 1)
  }
  return text
}

/** Of the character that begins there; 0 if none does. */
function validLength (bytes: Buffer, offset: number): number {
  for (let length = 1; length <= 4; length++) {
    if (offset + length <= bytes.length && isUtf8(bytes.subarray(offset, offset + length))) return length
  }
  return 0
}

/** The path of a file or the like, beneath the project's directory. Throws BAD_PATH. */
export function parsePath (text: string): Buffer {
  if (text === '') throw badPath(text, 'names the project itself')
  const path = encodePath(text)
  const problem = pathProblem(path, { root: 'the project\'s directory', reservedPrefix: OWN_PREFIX })
  if (problem !== undefined) throw badPath(text, problem)
  return path
}

/** The same for a directory: "/" or nothing is the project's own, and a slash at the end does no harm. */
export function parseDirectory (text: string): Buffer {
  if (text === '' || text === '/') return Buffer.alloc(0)
  return parsePath(text.endsWith('/') ? text.slice(0, -1) : text)
}

/**
 * The path in a request's URL, behind `/projects/:id/files/`. From the URL as it was sent: in what the router has decoded,
 * a slash within a name looks like one between names.
 */
export function pathOfUrl (url: string): string {
  const [path = ''] = url.replace(/^https?:\/\/[^/]*/i, '').split(/[?#]/)
  const names = path.split('/').slice(4)
  return names.map(decodeName).join('/')
}

function decodeName (encoded: string): string {
  const name = pathToText(decodeBytes(encoded))
  if (name.includes('/')) throw badPath(name, 'has a slash within a name')
  return name
}

/** Like decodeURIComponent, which refuses bytes that are not UTF-8. */
function decodeBytes (encoded: string): Buffer {
  if (/%(?![\da-f]{2})/i.test(encoded)) throw badPath(encoded, 'is not percent-encoded')
  const parts = encoded.match(/(%..)+|[^%]+/g) ?? []
  return Buffer.concat(parts.map((part) => part.startsWith('%') ? Buffer.from(part.replaceAll('%', ''), 'hex') : Buffer.from(part)))
}

function encodePath (text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text)
  return Buffer.concat([...text].map((character) => {
    const code = character.charCodeAt(0)
    if (character.length > 1 || character.isWellFormed()) return Buffer.from(character)
    if (code < ESCAPE + 0x80 || code > ESCAPE + 0xff) throw badPath(text, 'is not valid Unicode')
    return Buffer.of(code - ESCAPE)
  }))
}

function badPath (text: string, problem: string): Error {
  return new errors.BAD_PATH(JSON.stringify(text), problem)
}
