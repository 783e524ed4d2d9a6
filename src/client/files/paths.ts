/** Paths are relative to the project, whose own is empty. */
export const ROOT = ''

export function nameOf (path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function parentOf (path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

export function join (directory: string, name: string): string {
  return directory === ROOT ? name : `${directory}/${name}`
}

/** Whether it is that directory, or anything beneath it. */
export function isWithin (path: string, directory: string): boolean {
  return directory === ROOT || path === directory || path.startsWith(`${directory}/`)
}

/** Where something is when `from`, which it is or is in, has become `to`. */
export function moved (path: string, from: string, to: string): string {
  return to + path.slice(from.length)
}

/** Where a file is served; undefined for a name that no URL can carry, because its bytes are not UTF-8. */
export function fileUrl (projectId: string, path: string): string | undefined {
  if (!path.isWellFormed()) return undefined
  return `/projects/${encodeURIComponent(projectId)}/files/${path.split('/').map(encodeURIComponent).join('/')}`
}

// Control characters, marks that turn the direction of what follows, and bytes that are not UTF-8: a name with them could
// look like another one.
// eslint-disable-next-line no-control-regex
const MISLEADING = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\udc80-\udcff](?<![\ud800-\udbff][\udc80-\udcff])/g

/** A name as it is shown, with what cannot be seen spelt out. */
export function displayName (name: string): string {
  return name.replaceAll(MISLEADING, (character) => {
    const code = character.charCodeAt(0)
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`
    if (character === '\n') return '\\n'
    return `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** What is wrong with a name that somebody has given; undefined if nothing is. */
export function problemWithName (name: string): string | undefined {
  if (name === '') return 'Give it a name.'
  if (name.split('/').some((part) => part === '' || part === '.' || part === '..')) return 'No part of a path can be empty, “.” or “..”.'
  return undefined
}
