import type { SourceFile } from '../../../programs/source-files.ts'
import type { Runtime } from '../../../sandbox/images/catalogue.ts'
import { refuse } from './refuse.ts'
import type { JobFile } from './request.ts'

export interface JobSources {
  readonly sources: SourceFile[]
  /** Path of the main file: the first that is text. */
  readonly entry: string
}

/** Gives every file a name and bytes. */
export function nameFiles (files: readonly JobFile[], { mainFile, extension }: Runtime): JobSources {
  const main = files.findIndex(({ encoding }) => encoding === 'utf8')
  if (main < 0) refuse('files must include at least one utf8 encoded file')
  const paths = files.map(({ name }, index) => {
    if (index !== main) return name ?? `file${index}.${extension}`
    return name === undefined ? mainFile : withExtension(name, extension)
  })
  return {
    sources: files.map((file, index) => encodeFile(file, paths[index] ?? '')),
    entry: paths[main] ?? ''
  }
}

/** Compilers and Bun go by the extension, which Piston's packages add before they compile. */
function withExtension (name: string, extension: string): string {
  return /\.[^/]+$/.test(name) ? name : `${name}.${extension}`
}

/** Piston decodes leniently: base64 with line breaks or without padding is common. */
function encodeFile ({ content, encoding }: JobFile, path: string): SourceFile {
  if (encoding === 'utf8') return { path, content }
  return { path, content: Buffer.from(content, encoding).toString('base64'), encoding: 'base64' }
}
