import { describe, expect, it } from 'vitest'
import { errors } from '../../../src/errors.ts'
import type { Readiness } from '../../../src/runtime/languages/readiness.ts'
import { parseRequest } from '../../../src/runtime/protocols/piston/request.ts'
import { findRuntime, listRuntimes, type Languages } from '../../../src/runtime/protocols/piston/runtimes.ts'
import { readyRuntime } from '../../support/runtime-fixture.ts'

const python = readyRuntime()
const unbuilt = readyRuntime({ language: 'cobol', aliases: [] }).definition
const languages: Languages = {
  catalogue: {
    runtimes: [python.definition, unbuilt],
    find: (name) => [python.definition, unbuilt].find(({ language, aliases }) => language === name || aliases.includes(name))
  },
  readiness: {
    ready: (language) => language === 'python' ? python : undefined,
    find: (name) => {
      if (name === 'cobol') throw new errors.LANGUAGE_NOT_READY(name, '')
      return python
    }
  } satisfies Pick<Readiness, 'ready' | 'find'> as Readiness,
  strictVersions: false
}
const find = (language: string, version: string, strictVersions = false) => findRuntime(parseRequest({ language, version, files: [] }), { ...languages, strictVersions })

describe('runtimes', () => {
  it('are the languages that can be run now', () => {
    expect(listRuntimes(languages)).toEqual([{ language: 'python', version: '3.13.5', aliases: ['py'] }])
  })

  it.each([['python', '*'], ['py', '3.13.5'], ['python', '3'], ['python', '3.x'], ['python', '^3.10.0'], ['python', '>=3.12 <4']])('are found by %s %s', (language, version) => {
    expect(find(language, version)).toBe(python)
  })

  it.each(['3.10.0', '3.10', '2', 'v15.0.2', '=1.2.3'])('are the nearest there are to the plain version %s, unless versions are strict', (version) => {
    expect(find('python', version)).toBe(python)
    expect(() => find('python', version, true)).toThrow(expect.objectContaining({ statusCode: 400, message: `python-${version} runtime is unknown` }))
    expect(find('python', '3.13.5', true)).toBe(python)
    expect(() => find('ruby', version)).toThrow('runtime is unknown')
  })

  it.each([['python', '2.x'], ['python', '^2.7.1'], ['python', '<3.10'], ['python', 'latest'], ['ruby', '*'], ['__proto__', '*']])('are unknown as %s %s', (language, version) => {
    expect(() => find(language, version)).toThrow(expect.objectContaining({ statusCode: 400, message: `${language}-${version} runtime is unknown` }))
  })

  it('are not told at any length', () => {
    const long = 'x'.repeat(1000)
    expect(() => find(long, long)).toThrow(expect.objectContaining({ message: `${'x'.repeat(64)}-${'x'.repeat(64)} runtime is unknown` }))
    expect(() => find('python', `*${' '.repeat(64)}`)).toThrow('runtime is unknown')
  })

  it('are told apart from those that are not built yet', () => {
    expect(() => find('cobol', '*')).toThrow(expect.objectContaining({ statusCode: 503 }))
  })
})
