import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** What each file imports, types included. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

const SPECIFIER = /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g

export function importsOf (file: string, source: string): string[] {
  return [...source.matchAll(SPECIFIER)].map(([, specifier = '']) => path.join(path.dirname(file), specifier))
}

/** Of all TypeScript files beneath a directory, by their paths in it. */
export function readImportGraph (directory: string): ImportGraph {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') || file.endsWith('.tsx'))
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(path.join(directory, file), 'utf8'))]))
}

/** The first circle that is found, as a path that ends where it began. */
export function findCircle (graph: ImportGraph): string[] | undefined {
  const done = new Set<string>()

  function visit (node: string, trail: readonly string[]): string[] | undefined {
    const start = trail.indexOf(node)
    if (start >= 0) return [...trail.slice(start), node]
    if (done.has(node)) return undefined
    for (const next of graph.get(node) ?? []) {
      const circle = visit(next, [...trail, node])
      if (circle !== undefined) return circle
    }
    done.add(node)
    return undefined
  }

  for (const node of graph.keys()) {
    const circle = visit(node, [])
    if (circle !== undefined) return circle
  }
  return undefined
}

/** The same of the folders of a feature: a file that stands beside them is a folder of its own. */
export function foldersOf (graph: ImportGraph, feature: string): ImportGraph {
  const folderOf = (file: string): string | undefined => file.startsWith(`${feature}/`) ? file.slice(feature.length + 1).split('/')[0] : undefined
  const folders = new Map<string, string[]>()
  for (const [file, imports] of graph) {
    const folder = folderOf(file)
    if (folder === undefined) continue
    const others = imports.map(folderOf).filter((other) => other !== undefined && other !== folder)
    folders.set(folder, [...folders.get(folder) ?? [], ...others as string[]])
  }
  return folders
}
