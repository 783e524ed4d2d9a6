import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { configurationTable } from './configuration-table.ts'
import { withSection } from './markdown.ts'

const root = path.join(import.meta.dirname, '../..')

export interface GeneratedFile {
  readonly file: string
  readonly before: string
  readonly after: string
}

/** The documents with tables that are generated, as they are and as they should be. */
export async function generateSections (): Promise<GeneratedFile[]> {
  return [await generate('src/config/README.md', 'configuration', configurationTable)]
}

async function generate (name: string, section: string, content: (before: string) => string): Promise<GeneratedFile> {
  const file = path.join(root, name)
  const before = await readFile(file, 'utf8')
  return { file, before, after: withSection(before, section, content(before)) }
}
