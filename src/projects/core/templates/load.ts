import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { closed } from '../../../lib/schemas.ts'
import type { SourceFile } from '../../../programs/source-files.ts'
import type { Catalogue } from '../../../sandbox/images/catalogue.ts'
import { FromGitSchema } from '../source/schemas.ts'

/** What comes with the product. */
const ownDirectory = join(import.meta.dirname, '../../../../templates')
const ID = /^[a-z0-9][a-z0-9-]{0,63}$/

const TemplateFileSchema = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  description: Type.String({ minLength: 1, maxLength: 300 }),
  runtime: Type.String({ minLength: 1 }),
  preview: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: 'port on which it serves' })),
  fromGit: Type.Optional(FromGitSchema),
  needs: Type.Optional(Type.Enum(['npm', 'python-packages'], { description: 'what its first run gets from the internet' }))
}, closed)
type TemplateFile = Static<typeof TemplateFileSchema>

/** What a project can begin with. */
export interface Template extends TemplateFile {
  readonly id: string
  /** None of one that is from a repository. */
  readonly files: readonly SourceFile[]
}

/** A folder that does not make a template; the message names it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
}

/** The product's, the operator's, which may have the id of one of these, and a greeting in every language. */
export async function loadTemplates (catalogue: Catalogue, directory: string | undefined): Promise<Template[]> {
  const found = new Map<string, Template>()
  for (const template of starters(catalogue)) found.set(template.id, template)
  for (const each of [ownDirectory, ...directory === undefined ? [] : [directory]]) {
    const isOwn = each === ownDirectory
    for (const template of await readTemplates(each)) {
      const isKnown = catalogue.find(template.runtime) !== undefined
      if (!isKnown && !isOwn) throw new TemplateError(`${join(each, template.id)}: there is no language ${template.runtime}`)
      // The server may offer some languages only.
      if (isKnown) found.set(template.id, template)
    }
  }
  return [...found.values()].sort((a, b) => a.id < b.id ? -1 : 1)
}

function starters ({ runtimes }: Catalogue): Template[] {
  return runtimes.flatMap(({ language, name, mainFile, starter }) => starter === undefined
    ? []
    : [{ id: language, name, description: `A program in ${name} that says hello`, runtime: language, files: [{ path: mainFile, content: starter }] }])
}

async function readTemplates (directory: string): Promise<Template[]> {
  const folders = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    throw new TemplateError(`TEMPLATES_DIR: ${directory} cannot be read`, { cause: error })
  })
  return await Promise.all(folders.filter((entry) => entry.isDirectory()).map(async ({ name }) => await readTemplate(join(directory, name), name)))
}

async function readTemplate (folder: string, id: string): Promise<Template> {
  if (!ID.test(id)) throw new TemplateError(`${folder}: the name of a template is lower-case letters, digits and -`)
  let definition: unknown
  try {
    definition = JSON.parse(await readFile(join(folder, 'template.json'), 'utf8'))
  } catch (error) {
    throw new TemplateError(`${folder}/template.json cannot be read: ${(error as Error).message}`, { cause: error })
  }
  if (!Value.Check(TemplateFileSchema, definition)) {
    const [problem] = Value.Errors(TemplateFileSchema, definition)
    throw new TemplateError(`${folder}/template.json: ${problem?.instancePath.slice(1) ?? ''} ${problem?.message ?? ''}`)
  }
  return { ...definition, id, files: definition.fromGit === undefined ? await readFiles(join(folder, 'files')) : [] }
}

async function readFiles (folder: string): Promise<SourceFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw new TemplateError(`${folder} cannot be read`, { cause: error })
  })
  return await Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    return { path: path.slice(folder.length + 1), content: (await readFile(path)).toString('base64'), encoding: 'base64' as const }
  }))
}
