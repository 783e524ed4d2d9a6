import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadTemplates } from '../../../src/projects/core/templates/load.ts'
import { parseBerthJson } from '../../../src/projects/run/berth-json.ts'
import { loadCatalogue } from '../../../src/sandbox/images/catalogue.ts'

const catalogue = await loadCatalogue(join(import.meta.dirname, '../../../sandbox-images'))
let directory: string
beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'templates-')) })
afterEach(async () => await rm(directory, { recursive: true }))

async function add (id: string, definition: unknown, files: Record<string, string> = {}): Promise<void> {
  await mkdir(join(directory, id, 'files'), { recursive: true })
  await writeFile(join(directory, id, 'template.json'), typeof definition === 'string' ? definition : JSON.stringify(definition))
  for (const [path, content] of Object.entries(files)) await writeFile(join(directory, id, 'files', path), content)
}

const valid = { name: 'Mine', description: 'Our own', runtime: 'python' }

describe('templates', () => {
  it('come with the product: a dozen, and a greeting in every language', async () => {
    const templates = await loadTemplates(catalogue, undefined)
    const ids = templates.map(({ id }) => id)
    for (const { language } of catalogue.runtimes) expect(ids).toContain(language)
    expect(ids.length).toBeGreaterThanOrEqual(catalogue.runtimes.length + 12)
    for (const { id, files } of templates) expect({ id, files: files.length > 0 }).toEqual({ id, files: true })
  })

  it('of the product have a berth.json that can be used, where they have one', async () => {
    for (const { id, runtime, preview, files } of await loadTemplates(catalogue, undefined)) {
      const file = files.find(({ path }) => path === 'berth.json')
      if (file === undefined) continue
      const berthJson = parseBerthJson(Buffer.from(file.content, 'base64').toString())
      expect(berthJson.run).toBeDefined()
      expect([id, berthJson.preview]).toEqual([id, preview])
      if (berthJson.packages !== undefined) expect([id, catalogue.find(runtime)?.project?.packages]).toEqual([id, expect.anything()])
    }
  })

  it('are those of languages that the server offers', async () => {
    const python = catalogue.runtimes.filter(({ language }) => language === 'python')
    const templates = await loadTemplates({ runtimes: python, find: (name) => python.find(({ language }) => language === name) }, undefined)
    expect(new Set(templates.map(({ runtime }) => runtime))).toEqual(new Set(['python']))
  })

  it('are the operator\'s too, which may take the place of one of ours', async () => {
    await add('flask', valid, { 'main.py': 'x = "ä"' })
    await add('from-git', { ...valid, fromGit: { url: 'https://example.org/x.git', ref: 'main' } })
    const templates = await loadTemplates(catalogue, directory)
    expect(templates.find(({ id }) => id === 'flask')).toMatchObject({ name: 'Mine', files: [{ path: 'main.py', content: Buffer.from('x = "ä"').toString('base64'), encoding: 'base64' }] })
    expect(templates.find(({ id }) => id === 'from-git')).toMatchObject({ fromGit: { ref: 'main' }, files: [] })
  })

  it.each<[string, string, unknown]>([
    ['no JSON', 'a', '{'],
    ['no description', 'a', { name: 'x', runtime: 'python' }],
    ['an unknown field', 'a', { ...valid, more: 1 }],
    ['an unknown language', 'a', { ...valid, runtime: 'nosuch' }],
    ['a name that is none', 'A_b', valid]
  ])('are refused by name with %s', async (_name, id, definition) => {
    await add(id, definition)
    await expect(loadTemplates(catalogue, directory)).rejects.toThrow(join(directory, id))
  })

  it('are not looked for where nothing is', async () => {
    await expect(loadTemplates(catalogue, join(directory, 'nosuch'))).rejects.toThrow('TEMPLATES_DIR')
  })
})
