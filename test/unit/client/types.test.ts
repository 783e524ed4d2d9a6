import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { readOpenApi } from '../../documents/client-types/document.ts'
import { printTypes } from '../../documents/client-types/print.ts'
import { typeOf, type Schema } from '../../documents/client-types/schema-type.ts'
import { root } from '../../documents/documents.ts'

describe('the client\'s types of the API', () => {
  it('are those of the routes: `npm run client-types` writes them', async () => {
    expect(await readFile(path.join(root, 'src/client/rest/operations.ts'), 'utf8')).toBe(printTypes(await readOpenApi()))
  })

  it.each<[string, Schema, string]>([
    ['values', { enum: ['a', 'it\'s', 1, null] }, "'a' | 'it\\'s' | 1 | null"],
    ['one value', { const: 'x' }, "'x'"],
    ['alternatives', { anyOf: [{ type: 'integer' }, { type: 'number' }, { type: 'null' }] }, 'number | null'],
    ['several types', { type: ['string', 'null'] }, 'string | null'],
    ['lists', { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'boolean' }] } }, 'Array<string | boolean>'],
    ['maps', { type: 'object', additionalProperties: { type: 'string' } }, 'Record<string, string>'],
    ['what is named', { $ref: '#/components/schemas/Thing' }, 'Thing'],
    ['anything', {}, 'unknown'],
    ['nothing', { type: 'object', additionalProperties: false }, 'Record<string, never>'],
    ['fields', { type: 'object', required: ['a'], properties: { a: { type: 'string', description: 'ends */ here' }, 'b-c': { type: 'integer' } } }, "{\n  /** ends *\\/ here */\n  a: string\n  'b-c'?: number\n}"]
  ])('know %s', (_, schema, type) => expect(typeOf(schema)).toBe(type))
})
