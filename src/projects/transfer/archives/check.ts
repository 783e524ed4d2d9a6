import { errors } from '../../../errors.ts'
import { pathProblem } from '../../../lib/paths.ts'
import { OWN_PREFIX } from '../../core/names.ts'
import type { Member } from './members.ts'
import { createPathTree } from './path-tree.ts'

export interface ArchiveLimits {
  readonly members: number
  /** Bytes of all files together. */
  readonly totalBytes: number
  readonly fileBytes: number
}

/** Of all paths together: their names are remembered, to find those that are given twice. */
const MOST_PATH_BYTES = 16 * 1024 * 1024
const LONGEST_PATH_BYTES = 3_800
/** Each level costs a look-up for every file beneath it, here and in the sandbox. */
const MOST_LEVELS = 100

/**
 * Checks an archive's members one by one, before anything of it is written, as it may be built to hurt. What is wrong is
 * thrown as BAD_ARCHIVE, what is too much as ARCHIVE_TOO_LARGE. A link may say anything: it is only data, and nothing is
 * ever written through one.
 */
export function createArchiveCheck (limits: ArchiveLimits) {
  const tree = createPathTree()
  let pathBytes = 0
  let totalBytes = 0

  function addBytes (path: Buffer, bytes: number): void {
    totalBytes += bytes
    if (bytes > limits.fileBytes) throw tooLarge(`${describe(path)} is larger than the ${limits.fileBytes} bytes that a file can have`)
    if (totalBytes > limits.totalBytes) throw tooLarge(`its files are larger than the ${limits.totalBytes} bytes that there is room for`)
  }

  function remember (member: Pick<Member, 'path' | 'type' | 'size'>): void {
    pathBytes += member.path.length
    if (pathBytes > MOST_PATH_BYTES) throw tooLarge('its paths are too long altogether')
    const wrong = tree.add(member)
    if (wrong === 'twice') throw bad(`${describe(member.path)} is in it twice`)
    if (wrong === 'beneath') throw bad(`${describe(member.path)} is beneath what is no directory, or the other way round`)
    if (tree.count() > limits.members) throw tooLarge(`it has more than ${limits.members} files and directories`)
  }

  return {
    /** The sizes that headers say are bounded here; no more bytes than that ever come. */
    add: (member: Member): void => {
      const { path, type } = member
      if (path.length === 0 && type === 'directory') return
      checkPath(path)
      checkKind(member)
      const linked = type === 'link' ? tree.sizeOfFile(member.target) : 0
      if (linked === undefined) throw bad(`${describe(path)} is a hard link to what is no file before it`)
      // A hard link is unpacked as a copy.
      const size = type === 'link' ? linked : member.size
      remember({ path, type, size })
      if (type === 'file' || type === 'link') addBytes(path, size)
    },
    finish: (): { totalBytes: number, members: number } => ({ totalBytes, members: tree.members() })
  }
}

function checkPath (path: Buffer): void {
  const problem = pathProblem(path, { maxBytes: LONGEST_PATH_BYTES, maxNames: MOST_LEVELS, reservedPrefix: OWN_PREFIX })
  if (problem !== undefined) throw bad(`the path ${describe(path)} ${problem}`)
}

function checkKind ({ path, type, target }: Member): void {
  if (type === 'special' || type === 'removed') throw bad(`${describe(path)} is a device, a FIFO or another special file, or a sparse one`)
  if (type !== 'symlink') return
  if (target.length === 0 || target.length > LONGEST_PATH_BYTES || target.includes(0)) throw bad(`${describe(path)} is a link without a proper target`)
}

function describe (path: Buffer): string {
  const text = path.toString()
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}

const bad = (reason: string): Error => new errors.BAD_ARCHIVE(reason)
const tooLarge = (reason: string): Error => new errors.ARCHIVE_TOO_LARGE(reason)
