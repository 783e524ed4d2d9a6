import { errors } from '../../../errors.ts'
import { parseDirectory } from '../../core/paths.ts'

/** On a command line, where only text fits; nothing for everything. */
export function pathArguments (path: string | undefined): string[] {
  if (path === undefined) return []
  return [toText(parseDirectory(path), path)]
}

/** By standard input, where names can be anything. */
export function pathList (paths: readonly string[]): Buffer {
  return Buffer.concat(paths.flatMap((path) => [wholeOr(parseDirectory(path)), Buffer.of(0)]))
}

function wholeOr (path: Buffer): Buffer {
  return path.length === 0 ? Buffer.from('.') : path
}

function toText (path: Buffer, given: string): string {
  if (!given.isWellFormed()) throw new errors.BAD_PATH(JSON.stringify(given), 'is not UTF-8, and this call cannot be about such a name')
  return wholeOr(path).toString()
}
