import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

export const root = path.join(import.meta.dirname, '../..')

const FOREIGN = new Set(['node_modules', 'dist', 'data', '.git'])

export interface Block {
  /** The first word behind the fence. */
  readonly language: string
  /** What else stands there. */
  readonly remark: string
  readonly line: number
  readonly text: string
}

export interface Document {
  /** From the root of the tree. */
  readonly name: string
  readonly text: string
  readonly blocks: readonly Block[]
  /** Without what stands in blocks and in code. */
  readonly prose: string
}

/** Every Markdown document of the tree. */
export async function readDocuments (): Promise<Document[]> {
  const names = await findMarkdown('')
  return await Promise.all(names.sort().map(async (name) => parseDocument(name, await readFile(path.join(root, name), 'utf8'))))
}

async function findMarkdown (folder: string): Promise<string[]> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true })
  const found = await Promise.all(entries.map(async (entry) => {
    const name = path.join(folder, entry.name)
    if (entry.isDirectory()) return FOREIGN.has(entry.name) ? [] : await findMarkdown(name)
    return name.endsWith('.md') ? [name] : []
  }))
  return found.flat()
}

export function parseDocument (name: string, text: string): Document {
  const blocks: Block[] = []
  const prose: string[] = []
  let open: { language: string, remark: string, line: number, lines: string[] } | undefined
  for (const [i, line] of text.split('\n').entries()) {
    const [, info] = /^```(?!`)(.*)$/.exec(line) ?? []
    if (info === undefined) (open?.lines ?? prose).push(line)
    else if (open === undefined) {
      const [language = '', ...remark] = info.trim().split(' ')
      open = { language, remark: remark.join(' '), line: i + 1, lines: [] }
    } else {
      blocks.push({ language: open.language, remark: open.remark, line: open.line, text: open.lines.join('\n') })
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`${name}:${open.line}: the block does not end`)
  return { name, text, blocks, prose: prose.join('\n').replace(/(`+).*?\1/g, '`') }
}

/** Where the links of the prose lead: those within the tree, as the document has them. */
export function linksOf ({ prose }: Document): string[] {
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target))
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf ({ text }: Document): Set<string> {
  return new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-')))
}
