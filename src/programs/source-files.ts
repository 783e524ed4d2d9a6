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

const MOST_FILES = 1_000

/** Decodes and checks the files that a client sends along. Throws the contract's error for the first that is wrong. */
export function planFiles (sources: readonly SourceFile[], totalBytesMax: number): PlannedFile[] {
  if (sources.length > MOST_FILES) throw new errors.BAD_REQUEST(`At most ${MOST_FILES} files can be sent, these are ${sources.length}`)
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

interface Directory {
  readonly children: Map<string, Directory | 'file'>
}

/** Every name is looked at once, so that the work is what the client has sent, however deep its paths are. */
function checkNames (files: readonly PlannedFile[]): void {
  const root: Directory = { children: new Map() }
  for (const { path } of files) {
    const names = path.split('/')
    const name = names.pop() as string
    const { children } = names.reduce((directory, parent) => enter(directory, parent, path), root)
    const existing = children.get(name)
    if (existing === 'file') throw new errors.BAD_PATH(JSON.stringify(path), 'is given twice')
    if (existing !== undefined) throw new errors.BAD_PATH(JSON.stringify(path), 'is a file, and another path needs a directory there')
    children.set(name, 'file')
  }
}

function enter ({ children }: Directory, name: string, path: string): Directory {
  const existing = children.get(name)
  if (existing === 'file') throw new errors.BAD_PATH(JSON.stringify(path), `needs a directory where the file ${JSON.stringify(name)} is`)
  if (existing !== undefined) return existing
  const made: Directory = { children: new Map() }
  children.set(name, made)
  return made
}
