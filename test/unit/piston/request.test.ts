import { describe, expect, it } from 'vitest'
import { parseRequest } from '../../../src/runtime/protocols/piston/request.ts'

const file = { content: 'print(1)' }
const body = { language: 'python', version: '*', files: [file] }

describe('request', () => {
  it('needs no more than language, version and a file', () => {
    expect(parseRequest(body)).toMatchObject({
      language: 'python', version: '*', files: [{ name: undefined, content: 'print(1)', encoding: 'utf8' }], stdin: '', args: []
    })
  })

  it('has every field that Piston documents', () => {
    const files = [{ name: 'a.py', content: '', encoding: 'utf8' }, { name: 'b', content: 'AA==', encoding: 'base64' }, { name: 'c', content: '00', encoding: 'hex' }]
    const full = { ...body, files, stdin: 'in', args: ['1', '2'], run_timeout: 5 }
    expect(parseRequest(full)).toEqual({ language: 'python', version: '*', files, stdin: 'in', args: ['1', '2'], fields: full })
  })

  it('takes null for what is left out, and ignores what Piston does not know', () => {
    const files = [{ name: null, content: 'x', encoding: null, size: 1 }]
    expect(parseRequest({ ...body, files, stdin: null, args: null, unknown: {} })).toMatchObject({
      files: [{ name: undefined, content: 'x', encoding: 'utf8' }], stdin: '', args: []
    })
  })

  it.each<[string, unknown]>([
    ['language is required as a string', undefined],
    ['language is required as a string', null],
    ['language is required as a string', 'python'],
    ['language is required as a string', []],
    ['language is required as a string', { ...body, language: 5 }],
    ['language is required as a string', { ...body, language: '' }],
    ['version is required as a string', { ...body, version: undefined }],
    ['version is required as a string', { ...body, version: 3 }],
    ['files is required as an array', { ...body, files: undefined }],
    ['files is required as an array', { ...body, files: { 0: file } }],
    ['files[0].content is required as a string', { ...body, files: [{ name: 'a' }] }],
    ['files[1].content is required as a string', { ...body, files: [file, null] }],
    ['files[1].content is required as a string', { ...body, files: [file, { content: 5 }] }],
    ['If specified, files[0].name must be a string', { ...body, files: [{ ...file, name: 5 }] }],
    ['If specified, files[0].encoding must be one of utf8, base64, hex', { ...body, files: [{ ...file, encoding: 'latin1' }] }],
    ['If specified, stdin must be a string', { ...body, stdin: 5 }],
    ['If specified, args must be an array', { ...body, args: 'a' }],
    ['args[1] must be a string', { ...body, args: ['a', 1] }]
  ])('is refused: %s', (message, wrong) => {
    expect(() => parseRequest(wrong)).toThrow(expect.objectContaining({ statusCode: 400, message }))
  })

  it('is refused for the first mistake in the order of Piston', () => {
    expect(() => parseRequest({})).toThrow('language is required')
    expect(() => parseRequest({ language: 'python' })).toThrow('version is required')
    expect(() => parseRequest({ language: 'python', version: '*', args: 1 })).toThrow('files is required')
  })
})
