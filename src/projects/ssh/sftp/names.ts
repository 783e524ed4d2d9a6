import { errors } from '../../../errors.ts'
import { WORKSPACE } from '../../../sandbox/container-spec.ts'
import type { FileEntry } from '../../../sandbox/agent-protocol.ts'
import { nameOf } from '../../core/names.ts'
import { pathToText } from '../../core/paths.ts'
import type { ShownAttributes, ShownName } from './packets.ts'

/** Above the project's directory, which is where it is for programs, there is nothing to see but the way to it. */
const ROOT = '/'

/** An absolute path without "." and "..", as bytes. What is relative is so to the project's directory. */
export function resolvePath (path: Buffer): Buffer {
  // Latin-1 keeps every byte a character of its own.
  const text = path.toString('latin1')
  const names: string[] = []
  for (const name of (text.startsWith('/') ? text : `${WORKSPACE}/${text}`).split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return Buffer.from(`/${names.join('/')}`, 'latin1')
}

/** As the project's files are called elsewhere: relative to its directory, which is "". Null for what is above it. */
export function toProjectPath (path: Buffer): string | null {
  const resolved = resolvePath(path)
  const text = resolved.toString('latin1')
  if (text === ROOT) return null
  if (text !== WORKSPACE && !text.startsWith(`${WORKSPACE}/`)) throw new errors.FILE_NOT_FOUND(JSON.stringify(pathToText(resolved)))
  return pathToText(resolved.subarray(WORKSPACE.length + 1))
}

const TYPES = { file: [0o100000, '-'], directory: [0o040000, 'd'], symlink: [0o120000, 'l'], other: [0o010000, 'p'] } as const
const NS_PER_S = 1_000_000_000n
const LATEST_S = 0xffff_ffff

export const rootEntry: Pick<FileEntry, 'type' | 'mode' | 'size' | 'mtimeNs'> = { type: 'directory', mode: 0o555, size: 0, mtimeNs: 0n }

export function showAttributes ({ type, mode, size, mtimeNs }: typeof rootEntry): ShownAttributes {
  const seconds = mtimeNs / NS_PER_S
  return { size, mode: TYPES[type][0] | mode, mtime: seconds > LATEST_S ? LATEST_S : Number(seconds) }
}

/** With the line that `ls -l` would have. */
export function showName (entry: typeof rootEntry, name: Buffer): ShownName {
  const attributes = showAttributes(entry)
  const date = new Date(attributes.mtime * 1000).toISOString().slice(0, 16).replace('T', ' ')
  const line = `${TYPES[entry.type][1]}${showMode(entry.mode)} 1 sandbox sandbox ${String(entry.size).padStart(9)} ${date} `
  return { name, longName: Buffer.concat([Buffer.from(line), name]), attributes }
}

export function showEntry (entry: FileEntry): ShownName {
  return showName(entry, nameOf(entry.path))
}

function showMode (mode: number): string {
  return [...'rwxrwxrwx'].map((letter, index) => (mode & (0o400 >> index)) === 0 ? '-' : letter).join('')
}
