import { errors } from '../../errors.ts'
import { isOwnName } from '../volumes/names.ts'
import type { Member } from './members.ts'

export interface ArchiveLimits {
  readonly members: number
  /** Bytes of all files together. */
  readonly totalBytes: number
  readonly fileBytes: number
}

/** Of all paths together: they are remembered, to find those that are given twice. */
const MOST_PATH_BYTES = 16 * 1024 * 1024
const LONGEST_PATH_BYTES = 3_800
const LONGEST_NAME_BYTES = 255

/**
 * Checks a tar's members one by one, before anything of it is written, as it may be built to hurt. What is wrong is
 * thrown as BAD_ARCHIVE, what is too much as ARCHIVE_TOO_LARGE.
 */
export function createArchiveCheck (limits: ArchiveLimits) {
  const types = new Map<string, Member['type']>()
  const sizes = new Map<string, number>()
  let pathBytes = 0
  let totalBytes = 0

  function addBytes (member: Member, bytes: number): void {
    totalBytes += bytes
    if (bytes > limits.fileBytes) throw tooLarge(`${describe(member.path)} is larger than the ${limits.fileBytes} bytes that a file can have`)
    if (totalBytes > limits.totalBytes) throw tooLarge(`its files are larger than the ${limits.totalBytes} bytes that there is room for`)
  }

  function remember ({ path, type, size }: Member, key: string): void {
    const before = types.get(key)
    if (before !== undefined && !(before === 'directory' && type === 'directory')) throw bad(`${describe(path)} is in it twice`)
    types.set(key, type)
    if (type === 'file') sizes.set(key, size)
    pathBytes += path.length
    if (types.size > limits.members) throw tooLarge(`it has more than ${limits.members} files and directories`)
    if (pathBytes > MOST_PATH_BYTES) throw tooLarge('its paths are too long altogether')
  }

  /** Members may come in any order, so what a path goes through is looked at when all are known. */
  function checkParents (key: string): void {
    for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      const parent = types.get(key.slice(0, slash))
      if (parent !== undefined && parent !== 'directory') throw bad(`${describe(Buffer.from(key, 'latin1'))} is beneath what is no directory`)
    }
  }

  return {
    /** The sizes that headers say are bounded here; no more bytes than that ever come. */
    add: (member: Member): void => {
      const key = member.path.toString('latin1')
      if (key === '' && member.type === 'directory') return
      checkPath(member.path)
      checkKind(member)
      remember(member, key)
      if (member.type === 'file') addBytes(member, member.size)
      if (member.type !== 'link') return
      const linked = sizes.get(member.target.toString('latin1'))
      if (linked === undefined) throw bad(`${describe(member.path)} is a hard link to what is no file before it`)
      // Unpacked as a copy.
      addBytes(member, linked)
      sizes.set(key, linked)
    },
    finish: (): { totalBytes: number, members: number } => {
      for (const key of types.keys()) checkParents(key)
      return { totalBytes, members: types.size }
    }
  }
}

export function checkPath (path: Buffer): void {
  if (path.length > LONGEST_PATH_BYTES) throw bad(`a path in it is longer than ${LONGEST_PATH_BYTES} bytes`)
  if (path.includes(0)) throw bad(`${describe(path)} has a NUL byte in its path`)
  if (path[0] === SLASH) throw bad(`${describe(path)} is an absolute path`)
  for (const name of path.toString('latin1').split('/')) {
    if (name === '' || name === '.' || name === '..') throw bad(`${describe(path)} has "${name}" in its path`)
    if (name.length > LONGEST_NAME_BYTES) throw bad(`a name in it is longer than ${LONGEST_NAME_BYTES} bytes`)
    if (isOwnName(Buffer.from(name, 'latin1'))) throw bad(`${describe(path)} has a name in it that Berth keeps for itself`)
  }
  if (path.toString().includes('\uFFFD')) throw bad(`the name ${describe(path)} is not valid UTF-8`)
}

function checkKind ({ path, type, target }: Member): void {
  if (type === 'special') throw bad(`${describe(path)} is a device, a FIFO or another special file, or a sparse one`)
  if (type !== 'symlink') return
  if (target.length === 0 || target.length > LONGEST_PATH_BYTES || target.includes(0)) throw bad(`${describe(path)} is a link without a proper target`)
  if (leaves(path.toString('latin1'), target.toString('latin1'))) throw bad(`${describe(path)} is a link that leads out of the project`)
}

const SLASH = '/'.charCodeAt(0)

/** By its text alone: where links lead through others is for the agent to watch. */
function leaves (path: string, target: string): boolean {
  if (target.startsWith('/')) return true
  let depth = path.split('/').length - 1
  for (const name of target.split('/')) {
    if (name === '..') depth--
    else if (name !== '' && name !== '.') depth++
    if (depth < 0) return true
  }
  return false
}

function describe (path: Buffer): string {
  const text = path.toString()
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}

const bad = (reason: string): Error => new errors.BAD_ARCHIVE(reason)
const tooLarge = (reason: string): Error => new errors.ARCHIVE_TOO_LARGE(reason)
