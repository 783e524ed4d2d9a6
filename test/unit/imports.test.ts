import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { findDeadExports, readSources } from '../support/exports.ts'
import { findCircle, foldersOf, importsOf, readImportGraph } from '../support/import-graph.ts'

const root = path.join(import.meta.dirname, '../..')
const graph = readImportGraph(path.join(root, 'src'))

describe('imports in src/', () => {
  it('lead to files that are there', () => {
    expect(graph.size).toBeGreaterThan(400)
    const lost = [...graph].flatMap(([file, imports]) => imports.filter((other) => other.endsWith('.ts') && !graph.has(other)).map((other) => `${file} -> ${other}`))
    expect(lost).toEqual([])
  })

  it('make no circle of files, of types either', () => {
    expect(findCircle(graph)).toBeUndefined()
  })

  it.each(['projects', 'runtime', 'sandbox'])('make no circle of the folders of %s', (feature) => {
    expect(findCircle(foldersOf(graph, feature))).toBeUndefined()
  })
})

describe('a circle', () => {
  it('is found in what imports itself by way of others', () => {
    const sources = { 'a/x.ts': "import { y } from '../b/y.ts'", 'b/y.ts': "import type {\n  Z\n} from './z.ts'", 'b/z.ts': "export * from '../a/x.ts'" }
    const circular = new Map(Object.entries(sources).map(([file, source]) => [file, importsOf(file, source)]))
    expect(findCircle(circular)).toEqual(['a/x.ts', 'b/y.ts', 'b/z.ts', 'a/x.ts'])
  })

  it('is found between folders whose files make none', () => {
    const files = new Map([['f/a/1.ts', ['f/b/1.ts']], ['f/b/2.ts', ['f/a/2.ts']], ['f/b/1.ts', []], ['f/a/2.ts', []]])
    expect(findCircle(files)).toBeUndefined()
    expect(findCircle(foldersOf(files, 'f'))).toEqual(['a', 'b', 'a'])
  })
})

describe('what is exported', () => {
  it('is imported somewhere', () => {
    const dead = findDeadExports(readSources(root, ['src', 'test']))
    // What others import, who are not here.
    const frontDoor = 'src/client/index.ts:'
    expect(dead.filter((name) => name.startsWith('src/') && !name.startsWith(frontDoor))).toEqual([])
  })

  it('counts as dead where nobody imports it', () => {
    const sources = new Map([
      ['a.ts', "import { used, type Used } from './b.ts'\nexport { listed } from './b.ts'"],
      ['b.ts', 'export const used = 1\nexport const dead = 2\nexport type Used = Part\nexport type Part = 1\nexport interface Dead {}\nexport const listed = 3']
    ])
    expect(findDeadExports(sources)).toEqual(['a.ts: listed', 'b.ts: dead', 'b.ts: Dead'])
  })
})
