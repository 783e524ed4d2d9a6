import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const DECLARED = /^export (?:async )?(function\s*\*?|const|class|interface|type)\s+(\w+)/gm
const LISTED = /^export (?:type )?\{([^}]*)\}(?: from)?/gm
const IMPORTED = /(?:import|export) (?:type )?(?:\w+,\s*)?\{([^}]*)\} from '(\.[^']+)'/g
const WHOLE = /(?:import \* as \w+|export \*(?: as \w+)?) from '(\.[^']+)'|import\('(\.[^']+)'\)/g

function namesIn (list: string, side: 'before' | 'after'): string[] {
  return list.split(',').map((item) => item.trim().replace(/^type /, '').split(' as ').at(side === 'before' ? 0 : -1)?.trim() ?? '').filter((name) => name !== '')
}

interface Export {
  readonly name: string
  /** A type that its own file uses is part of what that exports. */
  readonly isType: boolean
}

/** What a file exports, but for its default. */
function exportsOf (source: string): Export[] {
  return [
    ...[...source.matchAll(DECLARED)].map(([, kind = '', name = '']) => ({ name, isType: kind === 'type' || kind === 'interface' })),
    ...[...source.matchAll(LISTED)].flatMap(([, list = '']) => namesIn(list, 'after').map((name) => ({ name, isType: false })))
  ]
}

/** Exports as `file: name` that no other file imports. */
export function findDeadExports (sources: ReadonlyMap<string, string>): string[] {
  const used = new Set<string>()
  for (const [file, source] of sources) {
    const resolve = (specifier: string): string => path.join(path.dirname(file), specifier)
    for (const [, list = '', specifier = ''] of source.matchAll(IMPORTED)) for (const name of namesIn(list, 'before')) used.add(`${resolve(specifier)}: ${name}`)
    for (const [, one, other] of source.matchAll(WHOLE)) used.add(`${resolve(one ?? other ?? '')}: *`)
  }
  const isUsed = (file: string, source: string, { name, isType }: Export): boolean =>
    used.has(`${file}: ${name}`) || (isType && source.split(new RegExp(`\\b${name}\\b`)).length > 2)
  return [...sources].flatMap(([file, source]) => used.has(`${file}: *`)
    ? []
    : exportsOf(source).filter((found) => !isUsed(file, source, found)).map(({ name }) => `${file}: ${name}`))
}

export function readSources (root: string, folders: readonly string[]): ReadonlyMap<string, string> {
  const files = folders.flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:m?ts|tsx)$/.test(file))
    .map((file) => path.join(folder, file)))
  return new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]))
}
