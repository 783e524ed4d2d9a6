import { describe, expect, it } from 'vitest'
import type { Catalogue } from '../../../../src/sandbox/images/catalogue.ts'
import { projectImage } from '../../../../src/sandbox/images/lookup.ts'
import type { ImageSpec } from '../../../../src/sandbox/images/resolve.ts'
import { checkImageNames, firstLanguages, offeredImages, offeredLanguages, selectImages } from '../../../../src/sandbox/images/selection.ts'
import { readyRuntime } from '../../../support/runtime-fixture.ts'

const runtimes = [['bun', []], ['c', ['gcc']], ['cpp', ['c++']], ['javascript', ['node']], ['python', ['py']]] as const
const definitions = runtimes.map(([language, aliases]) => readyRuntime({ language, aliases: [...aliases] }).definition)
const catalogue: Catalogue = {
  runtimes: definitions,
  find: (name) => definitions.find(({ language, aliases }) => language === name || aliases.includes(name))
}
const languagesOf = ({ runtimes }: Catalogue): string[] => runtimes.map(({ language }) => language)

it.each<[string[] | undefined, string[]]>([
  [undefined, ['bun', 'c', 'cpp', 'javascript', 'python']],
  [['all'], ['bun', 'c', 'cpp', 'javascript', 'python']],
  [['python', 'c'], ['c', 'python']],
  [['py', 'python', 'gcc'], ['c', 'python']]
])('RUNTIMES %j offers %j', (names, expected) => {
  expect(languagesOf(offeredLanguages(catalogue, names))).toEqual(expected)
})

it('does not find what is not offered, by none of its names', () => {
  const offered = offeredLanguages(catalogue, ['python'])
  expect(['python', 'py', 'c', 'gcc', 'cobol'].map((name) => offered.find(name)?.language)).toEqual(['python', 'python', undefined, undefined, undefined])
})

it('refuses a language that there is not, and says which there are', () => {
  expect(() => offeredLanguages(catalogue, ['python', 'cobol'])).toThrow('RUNTIMES: there is no language "cobol". Known languages: bun, c, cpp, javascript, python')
})

it.each<[string[] | undefined, string[]]>([
  [undefined, ['bun', 'javascript', 'python']],
  [['all'], ['bun', 'c', 'cpp', 'javascript', 'python']],
  [['c'], ['c']]
])('with RUNTIMES %j a start waits for %j', (names, expected) => {
  expect(firstLanguages(catalogue, names)).toEqual(expected)
})

it('lets no image of an operator go by the name of a language', () => {
  expect(() => checkImageNames(catalogue, ['notebook', 'gcc'])).toThrow('PROJECT_IMAGES: "gcc" is a name of the language c. Choose another')
  expect(() => checkImageNames(catalogue, ['notebook'])).not.toThrow()
})

function imagesOf (needs: Readonly<Record<string, readonly string[]>>): Map<string, ImageSpec> {
  return new Map(Object.entries(needs).map(([name, names]) => [name, {
    name, folder: name, reference: `berth/${name}:1`, hash: '1', context: [], dependencies: Object.fromEntries(names.map((need) => [need.toUpperCase(), need]))
  }]))
}

it('takes the images that others are built from along, in the order in which they are built', () => {
  const specs = imagesOf({ agent: [], base: [], c: ['base'], cpp: ['c'], javascript: ['base'], bun: ['base', 'javascript'], python: ['base'] })
  expect([...selectImages(specs, ['cpp']).keys()]).toEqual(['agent', 'base', 'c', 'cpp'])
  expect([...selectImages(specs, []).keys()]).toEqual(['agent', 'base'])
})

describe('a server that offers some languages', () => {
  const specs = imagesOf({
    agent: [], base: [], c: ['base'], 'c-project': ['c-tools'], 'c-tools': ['c'], cpp: ['c'], 'cpp-project': ['c-project'], 'cpp-tools': ['cpp'],
    lua: ['base'], 'lua-tools': ['lua'], python: ['base'], 'python-project': ['python-tools'], 'python-tools': ['python']
  })

  it('builds first what people begin with, also for projects, then all that programs run in, and only what it needs', () => {
    expect([...offeredImages(specs, ['cpp', 'lua', 'python'], true).keys()]).toEqual([
      'agent', 'base', 'python', 'python-tools', 'python-project', 'c', 'cpp', 'lua', 'c-tools', 'c-project', 'cpp-project', 'lua-tools'
    ])
  })

  it('builds nothing for projects without tools', () => {
    expect([...offeredImages(specs, ['lua', 'python'], false).keys()]).toEqual(['agent', 'base', 'python', 'lua'])
  })

  it('starts projects in what is made for them, or has the tools, or in the image of runs', () => {
    expect(['python', 'lua', 'cobol'].map((language) => projectImage(specs, language, true))).toEqual(['python-project', 'lua-tools', 'cobol'])
    expect(projectImage(specs, 'python', false)).toBe('python')
  })
})
