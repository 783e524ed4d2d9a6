import { describe, expect, it } from 'vitest'
import { companionsOf, findMain, isSource, normaliseSources, type SourceLanguage } from '../../../src/programs/language-sources.ts'

const cpp: SourceLanguage = { extension: 'cpp', mainFile: 'main.cpp', extensions: ['cc', 'c++', 'C'], headers: ['h', 'hpp'] }
const bash: SourceLanguage = { extension: 'sh', mainFile: 'main.sh', extensions: ['bash'], lineEnds: 'lf' }
const javascript: SourceLanguage = { extension: 'js', mainFile: 'main.js', extensions: ['mjs', 'ts'] }

function normalise (files: Record<string, string>, main: string, language: SourceLanguage): Record<string, string> {
  const planned = Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content) }))
  return Object.fromEntries(normaliseSources(planned, main, language).map(({ path, content }) => [path, content.toString()]))
}

describe('the sources of a program', () => {
  it.each<[string, boolean]>([
    ['a.cpp', true], ['dir/a.cc', true], ['a.c++', true], ['a.C', true], ['a.c', false], ['a.h', false], ['cpp', false], ['.cpp', false]
  ])('tells whether %s is one', (path, expected) => {
    expect(isSource(path, cpp)).toBe(expected)
  })

  it('are those with an extension of the language, and with that of the main file', () => {
    expect(companionsOf('main.cc', ['u.cpp', 'main.cc', 'u.h', 'data', 'v.cc'], cpp)).toEqual(['u.cpp', 'v.cc'])
    expect(companionsOf('main.cu', ['a.cu', 'main.cu', 'b.cpp'], cpp)).toEqual(['a.cu', 'b.cpp'])
    expect(companionsOf('main', ['main', 'data', 'b.cpp'], cpp)).toEqual(['b.cpp'])
  })
})

describe('the main file', () => {
  it.each<[string[], string, SourceLanguage]>([
    [['b.cpp', 'main.cpp'], 'b.cpp', cpp],
    [['program', 'main.cpp'], 'program', cpp],
    [['util.h', 'util.cpp', 'src/main.cc'], 'src/main.cc', cpp],
    [['package.json', 'lib.js', 'index.mjs'], 'index.mjs', javascript],
    [['package.json', 'lib.js', 'other.js'], 'lib.js', javascript],
    [['README.md', 'src/main.js', 'app.js'], 'app.js', javascript],
    [['data.txt', 'more.txt'], 'data.txt', cpp]
  ])('of %j is %s', (paths, main, language) => {
    expect(findMain(paths, language)).toBe(main)
  })

  it('is none where there is no file', () => {
    expect(findMain([], cpp)).toBeUndefined()
  })
})

describe('source as text', () => {
  it('has no byte order mark, in the main file, other sources and headers', () => {
    expect(normalise({ main: '\ufeffint x;', 'a.cc': '\ufeff', 'a.hpp': '\ufeff\ufeffx', 'data.txt': '\ufeffx' }, 'main', cpp))
      .toEqual({ main: 'int x;', 'a.cc': '', 'a.hpp': '\ufeffx', 'data.txt': '\ufeffx' })
  })

  it('keeps a mark that is not at the beginning, and bytes that are no text', () => {
    expect(normalise({ 'main.cpp': 'a\ufeff' }, 'main.cpp', cpp)).toEqual({ 'main.cpp': 'a\ufeff' })
    const content = Buffer.from([0xef, 0xbb, 0xff, 0x00])
    expect(normaliseSources([{ path: 'main.cpp', content }], 'main.cpp', cpp)).toEqual([{ path: 'main.cpp', content }])
  })

  it('has line feeds where the language needs them, and keeps every other byte', () => {
    expect(normalise({ 'main.sh': '\ufeffa\r\nb\rc\r\r\nd\xff\r\n', 'lib.bash': 'x\r\n', 'data.csv': '1\r\n' }, 'main.sh', bash))
      .toEqual({ 'main.sh': 'a\nb\rc\r\nd\xff\n', 'lib.bash': 'x\n', 'data.csv': '1\r\n' })
  })

  it('has a first line that the kernel can read, whatever the file is called', () => {
    expect(normalise({ 'main.js': 'x\r\n', tool: '\ufeff#!/bin/sh\r\necho "a\r\n"' }, 'main.js', javascript))
      .toEqual({ 'main.js': 'x\r\n', tool: '#!/bin/sh\necho "a\r\n"' })
    expect(normalise({ 'main.sh': '', tool: '#!/bin/bash\r\nif x\r\n' }, 'main.sh', bash)).toEqual({ 'main.sh': '', tool: '#!/bin/bash\nif x\n' })
  })
})
