import { describe, expect, it } from 'vitest'
import { nameFiles } from '../../../src/runtime/protocols/piston/files.ts'
import type { JobFile } from '../../../src/runtime/protocols/piston/request.ts'
import { readyRuntime } from '../../support/runtime-fixture.ts'

const { definition } = readyRuntime()
const file = (content: string, name?: string, encoding: JobFile['encoding'] = 'utf8'): JobFile => ({ name, content, encoding })

describe('files', () => {
  it('get names that the language takes where they have none', () => {
    expect(nameFiles([file('a'), file('b'), file('c', 'c.txt')], definition)).toEqual({
      sources: [{ path: 'main.py', content: 'a' }, { path: 'file1.py', content: 'b' }, { path: 'c.txt', content: 'c' }],
      entry: 'main.py'
    })
  })

  it('have the first that is text as the main one', () => {
    const { entry, sources } = nameFiles([file('AA==', 'data', 'base64'), file('', 'start.py'), file('', 'other.py')], definition)
    expect(entry).toBe('start.py')
    expect(sources.map(({ path }) => path)).toEqual(['data', 'start.py', 'other.py'])
  })

  it.each([['script', 'script.py'], ['dir.d/script', 'dir.d/script.py'], ['script.txt', 'script.txt'], ['a.b.py', 'a.b.py']])('have %s as the main one under the name %s', (name, path) => {
    expect(nameFiles([file('', name), file('', 'Makefile')], definition)).toMatchObject({ entry: path, sources: [{ path }, { path: 'Makefile' }] })
  })

  it.each<[JobFile['encoding'], string, number[]]>([
    ['base64', 'AP8K', [0, 255, 10]],
    ['base64', 'AP8\nK', [0, 255, 10]],
    ['base64', 'AP8', [0, 255]],
    ['hex', '00ff0A', [0, 255, 10]]
  ])('are decoded from %s %j', (encoding, content, bytes) => {
    const { sources } = nameFiles([file('x'), file(content, 'data', encoding)], definition)
    expect(sources[1]).toEqual({ path: 'data', content: Buffer.from(bytes).toString('base64'), encoding: 'base64' })
  })

  it.each([[[]], [[file('AA==', 'a', 'base64'), file('00', 'b', 'hex')]]])('are refused without one that is text', (files) => {
    expect(() => nameFiles(files, definition)).toThrow(expect.objectContaining({ statusCode: 400, message: 'files must include at least one utf8 encoded file' }))
  })
})
