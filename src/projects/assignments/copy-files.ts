import { Readable } from 'node:stream'
import { describeError } from '../../http/describe-error.ts'
import { joinSignals } from '../../lib/join-signals.ts'
import type { FileEntry } from '../../sandbox/agent-protocol.ts'
import type { ProjectFile, ReadOptions } from '../transfer/archives/project-files.ts'
import { describeFailure } from '../workspace/failures.ts'
import { createWaiting, type Patience, type Waiting } from './waiting.ts'

const MODES = 0o777
const FILE_MODE = 0o644
const DIRECTORY_MODE = 0o755
const ZEROS = Buffer.alloc(64 * 1024)

/**
 * The files of somebody's project beneath a directory of their own. What cannot be read is told in a file beside it, and never
 * keeps back what others have: a student may do to their own project whatever they like.
 */
export async function * filesOfCopy (directory: string, read: (options: ReadOptions) => AsyncIterable<ProjectFile>, signal: AbortSignal, patience?: Patience): AsyncGenerator<ProjectFile> {
  const problems = new Set<string>()
  const ended = new AbortController()
  const waiting = createWaiting(signal, patience)
  let leftOut = 0
  yield { entry: entryOf(directory, 'directory', 0) }
  try {
    for await (const file of waiting.each(read({ signal: joinSignals(signal, ended.signal), onLeftOut: () => { leftOut++ } }))) {
      if (isLeadingOut(file.entry)) leftOut++
      else yield beneath(directory, file, waiting, (problem) => { problems.add(problem) })
    }
  } catch (error) {
    signal.throwIfAborted()
    problems.add(`Some files could not be read. ${describeError(describeFailure(error, { path: '/' })).message}`)
  } finally {
    ended.abort(new Error('the copy has been read'))
  }
  if (leftOut > 0) problems.add(`${leftOut} were left out: special files, links that lead elsewhere, and what cannot be read`)
  if (problems.size > 0) yield noteOf(directory, [...problems])
}

/** Whoever unpacks the archive is not to write, or to read, through a link of somebody else's. */
function isLeadingOut ({ type, target }: FileEntry): boolean {
  if (type !== 'symlink') return false
  const path = target?.toString('latin1') ?? ''
  return path.startsWith('/') || path.split('/').includes('..')
}

function beneath (directory: string, { entry, content, open }: ProjectFile, waiting: Waiting, onProblem: (problem: string) => void): ProjectFile {
  const moved = { ...entry, mode: entry.mode & MODES, path: Buffer.concat([Buffer.from(`${directory}/`), entry.path]) }
  const name = JSON.stringify(entry.path.toString())
  if (open === undefined) return { entry: moved, ...(content === undefined ? {} : { content }) }
  return {
    entry: moved,
    async open () {
      const opened = await waiting.for(open()).catch(() => undefined)
      if (opened === undefined) {
        onProblem(`${name} could not be read`)
        return undefined
      }
      const bytes = padded(opened.size, waiting.each(opened.bytes), () => onProblem(`${name} could not be read to its end, and has zeros instead`))
      return { size: opened.size, bytes: Readable.from(bytes).once('close', () => opened.bytes.destroy()) }
    }
  }
}

/** So many bytes have been announced. */
async function * padded (size: number, bytes: AsyncIterable<Buffer>, onShort: () => void): AsyncGenerator<Buffer> {
  let left = size
  try {
    for await (const chunk of bytes) {
      left -= chunk.length
      yield chunk
    }
  } catch {
    // What went wrong shows in what is missing.
  }
  if (left > 0) onShort()
  for (; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length))
}

function noteOf (directory: string, problems: readonly string[]): ProjectFile {
  const content = Buffer.from(`${problems.join('\n')}\n`)
  return { entry: entryOf(`${directory}.incomplete.txt`, 'file', content.length), content }
}

function entryOf (path: string, type: 'file' | 'directory', size: number): FileEntry {
  return { path: Buffer.from(path), type, mode: type === 'file' ? FILE_MODE : DIRECTORY_MODE, size, mtimeNs: BigInt(Date.now()) * 1_000_000n, inode: 0n }
}
