import { access } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { EnvironmentSchema } from '../../src/config.ts'
import { errors } from '../../src/errors.ts'
import { loadCatalogue } from '../../src/sandbox/images/catalogue.ts'
import { anchorsOf, linksOf, parseDocument, readDocuments, root, type Document } from '../documents/documents.ts'
import { languageTable, readMeasured } from '../documents/language-table.ts'
import { generateSections } from '../documents/sections.ts'

// What is no example of a shell: answers, files, pictures, code.
const NOT_RUN = ['json', 'text', 'ini', 'yaml', 'mermaid', 'ts', 'html']

let documents: Document[]
beforeAll(async () => { documents = await readDocuments() })

describe('documents', () => {
  it('have their generated tables as the code has them (npm run docs writes them)', async () => {
    for (const { file, before, after } of await generateSections()) expect(before, file).toBe(after)
  })

  it('begin with a README that newcomers read to its end', async () => {
    const readme = documents.find(({ name }) => name === 'README.md')
    expect(readme?.text.trimEnd().split('\n').length).toBeLessThanOrEqual(150)
    const { runtimes } = await loadCatalogue(path.join(root, 'sandbox-images'))
    expect(readme?.text).toContain(`in ${runtimes.length} languages`)
  })

  it('lead to files and headings that are there', async () => {
    const anchors = new Map(documents.map((document) => [document.name, anchorsOf(document)]))
    const broken: string[] = []
    for (const document of documents) {
      for (const link of linksOf(document)) {
        const [file = '', anchor] = link.split('#')
        const target = file === '' ? document.name : path.join(path.dirname(document.name), file)
        const isThere = await access(path.join(root, target)).then(() => true, () => false)
        if (!isThere || (anchor !== undefined && anchors.get(target)?.has(anchor) !== true)) broken.push(`${document.name}: ${link}`)
      }
    }
    expect(broken).toEqual([])
  })

  it('name variables and error codes that there are', () => {
    const known = new Set([...Object.keys(EnvironmentSchema.properties), ...Object.keys(errors),
      'HOST_NOT_ALLOWED', 'BERTH_OUT', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'NET_ADMIN', 'DOCKER_GID', 'BERTH_DOMAIN',
      'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_SERVICE_NAME', 'OTEL_TRACES_SAMPLER'])
    const unknown = documents.filter(({ name }) => path.basename(name) !== 'PROTOCOL.md').flatMap(({ name, text }) =>
      [...text.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)].map(([word]) => word)
        .filter((word) => !known.has(word) && !known.has(word.replace(/_FILE$/, '')))
        .map((word) => `${name}: ${word}`))
    expect(unknown).toEqual([])
  })

  it('show newcomers numbers that the benches have', () => {
    const textOf = (wanted: string): string => documents.find(({ name }) => name === wanted)?.text ?? ''
    const numbers = /^## Numbers$([^]*?)^## /m.exec(textOf('README.md'))?.[1] ?? ''
    const rows = [...numbers.matchAll(/^\| [^|]* \| ([\d.]+) \| ([\d.]+ x) /gm)]
    expect(rows.length).toBeGreaterThan(3)
    for (const [row, p50, ratio] of rows) {
      expect(textOf('test/bench/README.md').split('\n').some((line) => line.includes(`| ${p50} |`) && line.includes(`| ${ratio}`)), row).toBe(true)
    }
  })

  it('mark every block that no test runs with what it is, or why not', () => {
    const unmarked = documents.flatMap(({ name, blocks }) => blocks
      .filter(({ language, remark }) => language !== 'sh' && !NOT_RUN.includes(language) && !(language === 'console' && remark !== ''))
      .map(({ line }) => `${name}:${line}`))
    expect(unmarked).toEqual([])
  })

  it('that describe a folder begin with an example', () => {
    const readmes = documents.filter(({ name }) => path.basename(name) === 'README.md')
    expect(readmes.length).toBeGreaterThan(10)
    expect(readmes.filter(({ blocks }) => blocks.length === 0).map(({ name }) => name)).toEqual([])
  })
})

describe('reading of a document', () => {
  it('finds blocks, links outside of code, and anchors', () => {
    const document = parseDocument('a.md', '# A b: `c`-d!\n[x](b.md#y) `[no](no.md)` [out](https://example.org)\n```sh why not\n# no heading\n[no](no.md)\n```\n')
    expect(document.blocks).toEqual([{ language: 'sh', remark: 'why not', line: 3, text: '# no heading\n[no](no.md)' }])
    expect(linksOf(document)).toEqual(['b.md#y'])
    expect(anchorsOf(document)).toContain('a-b-c-d')
  })

  it('refuses a block without an end', () => {
    expect(() => parseDocument('a.md', 'x\n```sh\n')).toThrow('a.md:2')
  })
})

describe('the table of languages', () => {
  it('keeps what was measured, and lists a language that nobody has measured', async () => {
    const { runtimes } = await loadCatalogue(path.join(root, 'sandbox-images'))
    const measured = new Map([['lua', { version: '5.4', warm: '5', compiler: '', cold: '71', addedMb: '2' }]])
    const table = languageTable(runtimes, measured, '5.1')
    expect(readMeasured(table).measured.get('lua')).toEqual(measured.get('lua'))
    expect(readMeasured(table).totalGb).toBe('5.1')
    expect(table).toContain('| `python` | Python |  | `py`, `python3` | interpreted |  |  |  |  |')
  })
})
