import { comment, typeOf, type Schema } from './schema-type.ts'

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
}

interface Operation {
  readonly summary?: string
  readonly parameters?: ReadonlyArray<{ readonly name: string, readonly in: string, readonly required?: boolean, readonly schema?: Schema, readonly description?: string }>
  readonly requestBody?: Content & { readonly required?: boolean }
  readonly responses: Readonly<Record<string, Content>>
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

const HEAD = `// Written by \`npm run client-types\` from the schemas of the server's routes: change those.

`

/** The calls of the API as a TypeScript interface, by method and path. */
export function printTypes ({ paths, components: { schemas = {} } = {} }: OpenApiDocument): string {
  const named = Object.entries(schemas).map(([name, schema]) => `export type ${name} = ${typeOf(schema)}\n\n`)
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => printOperation(`${method.toUpperCase()} ${path}`, operation)))
  return `${HEAD}${named.join('')}/** What each call takes and answers. */\nexport interface Operations {\n${operations.join('')}}\n`
}

function printOperation (name: string, operation: Operation): string {
  const body = operation.requestBody
  const bodySchema = body === undefined ? undefined : schemaOf(body) ?? {}
  const parts = [
    parameters('params', operation, 'path'),
    parameters('query', operation, 'query'),
    bodySchema === undefined ? '' : `    body${body?.required === true ? '' : '?'}: ${typeOf(bodySchema, '    ')}\n`,
    `    answer: ${answerOf(operation)}\n`
  ]
  return `${comment(operation.summary, '  ')}  '${name}': {\n${parts.join('')}  }\n`
}

function parameters (name: string, { parameters: all = [] }: Operation, place: string): string {
  const wanted = all.filter((parameter) => parameter.in === place)
  if (wanted.length === 0) return ''
  const required = wanted.filter((parameter) => parameter.required === true).map((parameter) => parameter.name)
  const properties = Object.fromEntries(wanted.map(({ name: key, schema = {}, description }) => [key, description === undefined ? schema : { ...schema, description }]))
  return `    ${name}${required.length === 0 ? '?' : ''}: ${typeOf({ type: 'object', properties, required }, '    ')}\n`
}

/** Undefined where nothing comes, unknown where it is no JSON. */
function answerOf ({ responses }: Operation): string {
  const types = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([status, response]) => {
      const schema = schemaOf(response)
      return schema === undefined ? status === '204' ? 'undefined' : 'unknown' : typeOf(schema, '    ')
    })
  return [...new Set(types)].join(' | ') || 'unknown'
}

function schemaOf ({ content }: Content): Schema | undefined {
  return content?.['application/json']?.schema ?? content?.['text/plain']?.schema
}
