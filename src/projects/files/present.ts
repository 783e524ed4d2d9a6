import type { Entry } from '../../protocols/files.ts'
import { etagOf } from '../../sandbox/agent-client/etag.ts'
import type { FileEntry, FileMatch } from '../../sandbox/agent-protocol.ts'
import { pathToText } from '../core/paths.ts'
import type { Match } from './schemas.ts'

export function presentEntry (entry: FileEntry): Entry {
  const { path, type, size, mode, target } = entry
  return {
    path: pathToText(path),
    type,
    size,
    mtime: mtimeOf(entry).toISOString(),
    mode,
    ...(target === undefined ? {} : { target: pathToText(target) }),
    etag: etagOf(entry)
  }
}

const NS_PER_MS = 1_000_000n
// What a program can set a file's time to, a Date can not always say.
const LATEST_MS = 8_640_000_000_000_000n

export function mtimeOf ({ mtimeNs }: FileEntry): Date {
  const ms = mtimeNs / NS_PER_MS
  return new Date(Number(ms < LATEST_MS ? ms : LATEST_MS))
}

export function presentMatch ({ entry, line, column, text }: FileMatch): Match {
  const path = pathToText(entry.path)
  if (line === 0) return { path, type: entry.type, line: null, column: null, text: null }
  return { path, type: entry.type, line, column, text: text.toString() }
}
