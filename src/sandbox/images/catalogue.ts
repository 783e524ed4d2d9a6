import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { closed } from '../../lib/schemas.ts'

const MIN_MEMORY_BYTES = 16 * 1024 * 1024
const name = { pattern: '^[a-z0-9][a-z0-9.+#-]*$' }
const fileExtension = { pattern: '^[A-Za-z0-9+]+$' }
const CommandSchema = Type.Array(Type.String({ minLength: 1 }), {
  minItems: 1,
  description: 'an argument vector; {main} is the main file\'s path, {stem} the same without its extension, {sources} one ' +
    'word for each source file, {out} where the compiler puts what it makes, {memoryMb} the memory limit in MiB, {heapMb} nine tenths of it, {stackKb} half of it in KiB'
})

const Environment = Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), Type.String(), {
  description: 'added to the image\'s own; {memoryMb}, {heapMb} and {stackKb} as in a command'
})

/** What a folder of sandbox-images says about its language in runtime.json. */
const RuntimeSchema = Type.Object({
  name: Type.String({ minLength: 1 }),
  aliases: Type.Array(Type.String(name)),
  kind: Type.Enum(['interpreted', 'compiled']),
  extension: Type.String(fileExtension),
  extensions: Type.Optional(Type.Array(Type.String(fileExtension), { description: 'further extensions of sources' })),
  headers: Type.Optional(Type.Array(Type.String(fileExtension), { description: 'extensions of text that sources include' })),
  lineEnds: Type.Optional(Type.Literal('lf', { description: 'the language does not take CR LF for the end of a line' })),
  mainFile: Type.String({ pattern: '^[^/]+$' }),
  starter: Type.Optional(Type.String({ minLength: 1, description: 'what somebody begins with: a main file that greets' })),
  versionCommand: CommandSchema,
  compile: Type.Optional(Type.Object({
    command: CommandSchema,
    makes: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z][a-z.]*$' }), {
      minItems: 1,
      description: 'names of what it puts into /tmp, where it knows no {out}: a project moves that to a place of each run. What is called *.args names the others'
    }))
  }, closed)),
  run: Type.Object({ command: CommandSchema }, closed),
  env: Environment,
  project: Type.Optional(Type.Object({
    env: Type.Optional({ ...Environment, description: 'laid over env' }),
    memory: Type.Optional(Type.Integer({ minimum: MIN_MEMORY_BYTES, description: 'bytes that its language server and a development server need together, where that is more than projects usually have' })),
    tools: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: 'programs that its image has beside the tools of all' })),
    packages: Type.Optional(Type.Object({
      directory: Type.String({ pattern: '^[A-Za-z0-9._/-]+$', description: 'of the project, into which they are installed' }),
      commands: Type.Array(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }), {
        minItems: 1,
        description: 'install them, one after the other; {packages} is one word for each, {package} each in a command of its own'
      })
    }, { ...closed, description: 'how what a berth.json says that it needs is installed' }))
  }, { ...closed, description: 'of projects' })),
  interactive: Type.Optional(Type.Object({ env: Environment }, { ...closed, description: 'for programs that somebody talks to' })),
  languageServers: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z0-9][a-z0-9+#-]*$' }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }), {
    description: 'of projects, by the editor\'s name of a language: what speaks the Language Server Protocol on its standard input and output'
  })),
  formatters: Type.Optional(Type.Array(Type.Object({
    extensions: Type.Array(Type.String(fileExtension), { minItems: 1 }),
    command: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'reads a text and prints it as it should look; {path} is the file\'s path' })
  }, closed), { description: 'of projects' })),
  limits: Type.Object({
    timeout: Type.Integer({ minimum: 1, description: 'milliseconds of a run' }),
    compileTimeout: Type.Optional(Type.Integer({ minimum: 1, description: 'milliseconds' })),
    compileMemory: Type.Optional(Type.Integer({ minimum: MIN_MEMORY_BYTES, description: 'bytes that the compiler may use even where the program may not' })),
    memory: Type.Integer({ minimum: MIN_MEMORY_BYTES, description: 'bytes' }),
    cpus: Type.Number({ exclusiveMinimum: 0 }),
    pids: Type.Integer({ minimum: 1, description: 'processes and threads' }),
    stack: Type.Optional(Type.Integer({ minimum: 1024 ** 2, description: 'most bytes of a stack, for a runtime that uses up what it may; default the memory limit' }))
  }, closed),
  errors: Type.Optional(Type.Object({
    memory: Type.Optional(Type.String({
      minLength: 1,
      format: 'regex',
      description: 'Multiline expression for the stderr of a failed run. It matches when the runtime itself noticed that ' +
        'there is no more memory. Bounds as below.'
    })),
    syntax: Type.Optional(Type.String({
      minLength: 1,
      format: 'regex',
      description: 'Multiline expression for the stderr of a failed run. It matches when a source file did not parse, and ' +
        'not when a running program threw or printed an error of that name, as JSON.parse and eval do. Guests choose the ' +
        'text: give repetitions bounds, so that matching takes linear time.'
    }))
  }, closed)),
  policy: Type.Optional(Type.Array(Type.Object({
    pattern: Type.String({
      minLength: 1,
      format: 'regex',
      description: 'Multiline expression for the source files. Whoever sends them chooses the text: bounds as above.'
    }),
    message: Type.String({ minLength: 1, description: 'why a program should not do this here, as the end of a sentence' })
  }, closed), { description: 'advice about what will not work or is not wanted; what a program cannot do is up to the sandbox' }))
}, closed)

type RuntimeDefinition = Static<typeof RuntimeSchema>

/** A language: its folder's name and what runtime.json says. */
export interface Runtime extends RuntimeDefinition {
  readonly language: string
  readonly folder: string
}

export interface Catalogue {
  /** By language id. */
  readonly runtimes: readonly Runtime[]
  /** By language id or alias, without regard to case. */
  readonly find: (nameOrAlias: string) => Runtime | undefined
}

/** A folder that does not make a language; the message names the folder and the field. */
export class CatalogueError extends Error {
  override readonly name = 'CatalogueError'
}

/** Reads every folder that has a runtime.json. Throws CatalogueError for the first that is wrong. */
export async function loadCatalogue (directory: string): Promise<Catalogue> {
  const runtimes: Runtime[] = []
  const names = new Map<string, Runtime>()
  const folders = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  for (const language of folders.map((entry) => entry.name).sort()) {
    const runtime = await loadRuntime(join(directory, language), language)
    if (runtime === undefined) continue
    runtimes.push(runtime)
    for (const alias of [language, ...runtime.aliases]) {
      const other = names.get(alias)
      if (other !== undefined) {
        throw new CatalogueError(`${runtime.folder}: "${alias}" is a name of ${other.language} already`)
      }
      names.set(alias, runtime)
    }
  }
  return { runtimes, find: (nameOrAlias) => names.get(nameOrAlias.toLowerCase()) }
}

async function loadRuntime (folder: string, language: string): Promise<Runtime | undefined> {
  let text: string
  try {
    text = await readFile(join(folder, 'runtime.json'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // base, agent
    throw error
  }
  if (!new RegExp(name.pattern).test(language)) {
    throw new CatalogueError(`${folder}: a language id is lower-case letters, digits and . + # -`)
  }
  return { ...parseDefinition(folder, text), language, folder }
}

function parseDefinition (folder: string, text: string): RuntimeDefinition {
  let definition: unknown
  try {
    definition = JSON.parse(text)
  } catch (cause) {
    throw new CatalogueError(`${folder}/runtime.json is not JSON: ${(cause as Error).message}`, { cause })
  }
  if (!Value.Check(RuntimeSchema, definition)) {
    // What is not allowed is reported twice: where it is, without a name for it, and by its parent, with one.
    const problems = Value.Errors(RuntimeSchema, definition).filter(({ keyword }) => keyword !== 'boolean')
    throw new CatalogueError(`${folder}/runtime.json: ${problems.map(describeProblem).join('; ')}`)
  }
  if (definition.kind === 'compiled' && definition.compile === undefined) {
    throw new CatalogueError(`${folder}/runtime.json: compile must be there for a compiled language`)
  }
  return definition
}

function describeProblem (problem: ReturnType<typeof Value.Errors>[number]): string {
  const { instancePath, message } = problem
  const field = instancePath.slice(1).replaceAll('/', '.')
  if (problem.keyword === 'additionalProperties') {
    return problem.params.additionalProperties.map((name) => `${field === '' ? name : `${field}.${name}`} is not known`).join('; ')
  }
  if (problem.keyword === 'enum') return `${field} must be one of ${problem.params.allowedValues.join(', ')}`
  return `${field} ${message}`.trim()
}
