import { posix } from 'node:path'
import type { PlannedFile } from './source-files.ts'

/** What tells a language's source files from the data beside them. */
export interface SourceLanguage {
  readonly extension: string
  readonly mainFile: string
  /** Further extensions of files that are compiled or run. */
  readonly extensions?: readonly string[]
  /** Extensions of text that sources include, and that is never compiled by itself. */
  readonly headers?: readonly string[]
  /** `lf`: the language takes a carriage return for a part of the line. */
  readonly lineEnds?: 'lf'
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff')
const MAIN_FOLDERS = ['', 'src/', 'app/']
const MAIN_STEMS = ['main', 'Main', 'index', 'app']

/** Whether a file is compiled or run, not what is included, configured or read. */
export function isSource (path: string, { extension, extensions = [] }: Pick<SourceLanguage, 'extension' | 'extensions'>): boolean {
  return [extension, ...extensions].includes(extensionOf(path))
}

/** The files that a command's `{sources}` stands for, the main file left out: also those with the main file's own extension. */
export function companionsOf (main: string, paths: readonly string[], language: SourceLanguage): string[] {
  const own = extensionOf(main)
  return paths.filter((path) => path !== main && (isSource(path, language) || (own !== '' && extensionOf(path) === own)))
}

/**
 * The main file where nobody has named one: the first file, unless its extension says that it is something else, as
 * with a package.json or a header in front. Then what is called main, else the first source.
 */
export function findMain (paths: readonly string[], language: SourceLanguage): string | undefined {
  const [first] = paths
  if (first === undefined || extensionOf(first) === '' || isSource(first, language)) return first
  const sources = new Set(paths.filter((path) => isSource(path, language)))
  const extensions = [language.extension, ...language.extensions ?? []]
  const names = MAIN_FOLDERS.flatMap((folder) => [
    folder + language.mainFile,
    ...MAIN_STEMS.flatMap((stem) => extensions.map((extension) => `${folder}${stem}.${extension}`))
  ])
  return names.find((name) => sources.has(name)) ?? [...sources][0] ?? first
}

/**
 * Source is text: a byte order mark before it is no part of it, nor are the carriage returns of an HTML form where the
 * language does not take them for a line's end. Everything else keeps its bytes.
 */
export function normaliseSources (files: readonly PlannedFile[], main: string, language: SourceLanguage): PlannedFile[] {
  return files.map((file) => {
    const isText = file.path === main || isSource(file.path, language) || (language.headers ?? []).includes(extensionOf(file.path))
    const text = isText || hasShebang(file.content) ? withoutByteOrderMark(file.content) : file.content
    const content = hasShebang(text) || (isText && language.lineEnds === 'lf') ? normaliseLineEnds(text, language) : text
    return content === file.content ? file : { ...file, content }
  })
}

function extensionOf (path: string): string {
  return posix.extname(path).slice(1)
}

function withoutByteOrderMark (content: Buffer): Buffer {
  return content.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? content.subarray(BYTE_ORDER_MARK.length) : content
}

function hasShebang (content: Buffer): boolean {
  return content.subarray(0, BYTE_ORDER_MARK.length + 2).toString().replace('\ufeff', '').startsWith('#!')
}

/** The kernel reads a script's first line whatever the language, and would look for an interpreter called "sh\r". */
function normaliseLineEnds (content: Buffer, { lineEnds }: SourceLanguage): Buffer {
  const end = lineEnds === 'lf' ? content.length : content.indexOf('\n') + 1
  const lines = content.subarray(0, end)
  if (!lines.includes('\r\n')) return content
  return Buffer.concat([Buffer.from(lines.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'), content.subarray(end)])
}
