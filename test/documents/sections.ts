import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { loadCatalogue } from '../../src/sandbox/images/catalogue.ts'
import { configurationTable } from './configuration-table.ts'
import { root } from './documents.ts'
import { languageTable, readMeasured } from './language-table.ts'
import { withSection } from './markdown.ts'

export const LANGUAGES_DOCUMENT = path.join(root, 'sandbox-images/README.md')

export interface GeneratedDocument {
  readonly file: string
  readonly before: string
  readonly after: string
}

/** The documents with tables that are generated, as they are and as they should be. */
export async function generateSections (): Promise<GeneratedDocument[]> {
  const { runtimes } = await loadCatalogue(path.join(root, 'sandbox-images'))
  return [
    await generate(path.join(root, 'src/config/README.md'), 'configuration', configurationTable),
    await generate(LANGUAGES_DOCUMENT, 'languages', (before) => {
      const { measured, totalGb } = readMeasured(before)
      return languageTable(runtimes, measured, totalGb)
    })
  ]
}

async function generate (file: string, section: string, content: (before: string) => string): Promise<GeneratedDocument> {
  const before = await readFile(file, 'utf8')
  return { file, before, after: withSection(before, section, content(before)) }
}
