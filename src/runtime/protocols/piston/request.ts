import { refuse } from './refuse.ts'

export const encodings = ['utf8', 'base64', 'hex'] as const
export type Encoding = typeof encodings[number]

export interface JobFile {
  /** Undefined where the client leaves it to us. */
  readonly name: string | undefined
  readonly content: string
  readonly encoding: Encoding
}

/** A body of POST /api/v2/execute, or an `init` message, as far as it can be checked without knowing the language. */
export interface JobRequest {
  readonly language: string
  readonly version: string
  readonly files: readonly JobFile[]
  readonly stdin: string
  readonly args: readonly string[]
  /** `run_timeout` and its like, by name: see limits.ts. */
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * Checks in Piston's order and words. What Piston does not know is ignored, as there; what it fails on later with an
 * empty 500 (arguments that are not text, say) is refused here.
 */
export function parseRequest (body: unknown): JobRequest {
  const fields = isRecord(body) ? body : {}
  const { language, version, files } = fields
  if (!isText(language)) refuse('language is required as a string')
  if (!isText(version)) refuse('version is required as a string')
  if (!Array.isArray(files)) refuse('files is required as an array')
  return {
    language,
    version,
    files: files.map(parseFile),
    stdin: parseStdin(fields.stdin),
    args: parseArguments(fields.args),
    fields
  }
}

function parseFile (file: unknown, index: number): JobFile {
  const { name, content, encoding } = isRecord(file) ? file : {}
  if (typeof content !== 'string') refuse(`files[${index}].content is required as a string`)
  if (!isAbsent(name) && typeof name !== 'string') refuse(`If specified, files[${index}].name must be a string`)
  return { name: isText(name) ? name : undefined, content, encoding: parseEncoding(encoding, index) }
}

function parseEncoding (encoding: unknown, index: number): Encoding {
  if (isAbsent(encoding)) return 'utf8'
  return encodings.find((known) => known === encoding) ?? refuse(`If specified, files[${index}].encoding must be one of ${encodings.join(', ')}`)
}

function parseStdin (stdin: unknown): string {
  if (isAbsent(stdin)) return ''
  return typeof stdin === 'string' ? stdin : refuse('If specified, stdin must be a string')
}

function parseArguments (args: unknown): string[] {
  if (isAbsent(args)) return []
  if (!Array.isArray(args)) refuse('If specified, args must be an array')
  return args.map((argument: unknown, index) => typeof argument === 'string' ? argument : refuse(`args[${index}] must be a string`))
}

function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isText (value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isAbsent (value: unknown): value is undefined | null {
  return value === undefined || value === null
}
