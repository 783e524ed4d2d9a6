import Type, { type Static } from 'typebox'
import { errors } from '../errors.ts'
import { pathProblem } from '../sandbox/paths.ts'
import { encodeText } from './text.ts'

export const SourceFileSchema = Type.Object({
  path: Type.String({ minLength: 1, maxLength: 4096, description: 'relative to the working directory, "/" between names' }),
  content: Type.String(),
  encoding: Type.Optional(Type.Enum(['utf8', 'base64'], { default: 'utf8' }))
}, { additionalProperties: false })
export type SourceFile = Static<typeof SourceFileSchema>

/** A client's file with everything checked: a path beneath the working directory, and bytes. */
export interface PlannedFile {
  readonly path: string
  readonly content: Buffer
}

/** Decodes and checks the files that a client sends along. Throws the contract's error for the first that is wrong. */
export function planFiles (sources: readonly SourceFile[], { filesMax, totalBytesMax }: { filesMax: number, totalBytesMax: number }): PlannedFile[] {
  if (sources.length > filesMax) throw new errors.BAD_REQUEST(`At most ${filesMax} files can be sent, these are ${sources.length}`)
  const files = sources.map(decodeFile)
  checkNames(files)
  const total = files.reduce((sum, file) => sum + file.content.length, 0)
  if (total > totalBytesMax) throw new errors.TOO_LARGE(`The files are ${total} bytes together, the sandbox holds ${totalBytesMax}`)
  return files
}

function decodeFile (file: SourceFile): PlannedFile {
  const problem = pathProblem(file.path)
  if (problem !== undefined) throw new errors.BAD_PATH(JSON.stringify(file.path), problem)
  if (file.encoding !== 'base64') return { path: file.path, content: encodeText(`the content of ${file.path}`, file.content) }
  const content = Buffer.from(file.content, 'base64')
  // Buffer.from skips what is not base64; only what comes back the same was valid.
  if (content.toString('base64') !== file.content) {
    throw new errors.BAD_REQUEST(`The content of ${JSON.stringify(file.path)} is not valid base64`)
  }
  return { path: file.path, content }
}

function checkNames (files: readonly PlannedFile[]): void {
  const names = new Set<string>()
  for (const { path } of files) {
    if (names.has(path)) throw new errors.BAD_PATH(JSON.stringify(path), 'is given twice')
    names.add(path)
  }
  for (const { path } of files) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const parent = path.slice(0, slash)
      if (names.has(parent)) throw new errors.BAD_PATH(JSON.stringify(path), `needs a directory where the file ${JSON.stringify(parent)} is`)
    }
  }
}
