import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../../src/sandbox/images/catalogue.ts'

const valid = {
  name: 'Lua',
  aliases: ['luajit'],
  kind: 'interpreted',
  extension: 'lua',
  mainFile: 'main.lua',
  versionCommand: ['lua', '-v'],
  run: { command: ['lua', '{main}'] },
  env: {},
  limits: { timeout: 10_000, memory: 134_217_728, cpus: 1, pids: 64 },
  errors: { syntax: '^lua: ' }
}

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'catalogue-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

async function addFolder (language: string, definition: object | string): Promise<void> {
  await mkdir(join(directory, language))
  await writeFile(join(directory, language, 'runtime.json'), typeof definition === 'string' ? definition : JSON.stringify(definition))
}

it('takes the folders with a runtime.json, sorted, under their names', async () => {
  await addFolder('ruby', { ...valid, aliases: [] })
  await addFolder('lua', valid)
  await mkdir(join(directory, 'base'))
  const { runtimes } = await loadCatalogue(directory)
  expect(runtimes.map(({ language, folder }) => [language, folder])).toEqual([
    ['lua', join(directory, 'lua')],
    ['ruby', join(directory, 'ruby')]
  ])
})

it('finds a language by its id and its aliases, without regard to case', async () => {
  await addFolder('lua', valid)
  const catalogue = await loadCatalogue(directory)
  expect(['lua', 'LuaJIT', 'perl'].map((name) => catalogue.find(name)?.language)).toEqual(['lua', 'lua', undefined])
})

describe('refuses, naming the folder and the field,', () => {
  it.each<[string, object | string, RegExp]>([
    ['text that is not JSON', '{', /lua\/runtime\.json is not JSON/],
    ['a missing field', { ...valid, mainFile: undefined }, /lua\/runtime\.json: .*mainFile/],
    ['an unknown field', { ...valid, color: 'red' }, /lua\/runtime\.json: color is not known$/],
    ['an unknown field further down', { ...valid, limits: { ...valid.limits, disk: 1 } }, /lua\/runtime\.json: limits\.disk is not known$/],
    ['a wrong kind', { ...valid, kind: 'magic' }, /kind must be one of interpreted, compiled/],
    ['an empty command', { ...valid, run: { command: [] } }, /run\.command must not have fewer than 1 items/],
    ['a limit below what a process needs', { ...valid, limits: { ...valid.limits, memory: 1 } }, /limits\.memory must be >= 16777216/],
    ['an expression that does not compile', { ...valid, errors: { syntax: '(' } }, /errors\.syntax must match format/],
    ['a policy that does not compile', { ...valid, policy: [{ pattern: '[', message: 'no' }] }, /policy\.0\.pattern must match format/],
    ['a policy without a reason', { ...valid, policy: [{ pattern: 'a', message: '' }] }, /policy\.0\.message must not have fewer/],
    ['a main file outside of the working directory', { ...valid, mainFile: '../main.lua' }, /mainFile must match pattern/],
    ['a compiled language that is not compiled', { ...valid, kind: 'compiled' }, /compile must be there/]
  ])('%s', async (_, definition, message) => {
    await addFolder('lua', definition)
    await expect(loadCatalogue(directory)).rejects.toThrow(message)
  })

  it('an alias that another language has', async () => {
    await addFolder('lua', valid)
    await addFolder('moon', { ...valid, aliases: ['lua'] })
    await expect(loadCatalogue(directory)).rejects.toThrow(/moon: "lua" is a name of lua already/)
  })

  it('a folder name that is no language id', async () => {
    await addFolder('Lua', valid)
    await expect(loadCatalogue(directory)).rejects.toThrow(/Lua: a language id is lower-case/)
  })
})
