import { expect, it } from 'vitest'
import type { Catalogue } from '../../../../src/sandbox/images/catalogue.ts'
import type { ImageSpec } from '../../../../src/sandbox/images/resolve.ts'
import { firstLanguages, offeredLanguages, selectImages } from '../../../../src/sandbox/images/selection.ts'
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

it('takes the images that others are built from along, in the order in which they are built', () => {
  const needs = { agent: [], base: [], c: ['base'], cpp: ['c'], javascript: ['base'], bun: ['base', 'javascript'], python: ['base'] }
  const specs = new Map(Object.entries(needs).map(([name, names]): [string, ImageSpec] => [name, {
    name, reference: `berth/${name}:1`, hash: '1', context: [], dependencies: Object.fromEntries(names.map((need) => [need.toUpperCase(), need]))
  }]))
  expect([...selectImages(specs, ['cpp']).keys()]).toEqual(['agent', 'base', 'c', 'cpp'])
  expect([...selectImages(specs, []).keys()]).toEqual(['agent', 'base'])
})
