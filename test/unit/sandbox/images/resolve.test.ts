import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveImages } from '../../../../src/sandbox/images/resolve.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'images-'))
  await write('base/Dockerfile', 'ARG BASE\nFROM $BASE\n')
  await write('tool/Dockerfile', 'ARG BASE\nFROM $BASE\n')
  await write('lang/Dockerfile', 'ARG BASE\nARG TOOL\nARG VERSION=1\nFROM $TOOL\nARG LATER\nFROM $BASE\n')
  await write('lang/src/main.c', 'int main;')
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

async function write (path: string, content: string): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true })
  await writeFile(join(directory, path), content)
}

async function references (certificates: Parameters<typeof resolveImages>[1] = []): Promise<Record<string, string>> {
  const specs = await resolveImages(directory, certificates)
  return Object.fromEntries([...specs].map(([name, { reference }]) => [name, reference]))
}

/** The images whose names a change has changed. */
async function changedBy (change: () => Promise<void>): Promise<string[]> {
  const before = await references()
  await change()
  const after = await references()
  return Object.keys(after).filter((name) => after[name] !== before[name]).sort()
}

it('names each image by its folder and a hash, the same every time', async () => {
  const first = await references()
  expect(Object.values(first).every((reference) => /^berth\/[a-z]+:[0-9a-f]{12}$/.test(reference))).toBe(true)
  expect(await references()).toEqual(first)
})

it('reads from the Dockerfile what an image is built from, and puts that first', async () => {
  const specs = await resolveImages(directory, [])
  expect([...specs.keys()]).toEqual(['base', 'tool', 'lang'])
  expect(specs.get('lang')?.dependencies).toEqual({ BASE: 'base', TOOL: 'tool' })
  expect(specs.get('base')?.dependencies).toEqual({})
})

it.each<[string, () => Promise<void>, string[]]>([
  ['a byte of a file', () => write('lang/src/main.c', 'int main,'), ['lang']],
  ['the name of a file', () => write('lang/src/other.c', ''), ['lang']],
  ['the execute bit', () => chmod(join(directory, 'lang/src/main.c'), 0o755), ['lang']],
  ['what an image is built from', () => write('tool/Dockerfile', 'ARG BASE\nFROM $BASE\nRUN true\n'), ['lang', 'tool']],
  ['the base', () => write('base/motd', 'hello'), ['base', 'lang', 'tool']],
  ['a umask', () => chmod(join(directory, 'lang/src/main.c'), 0o600), []],
  ['what describes the language', () => write('lang/runtime.json', '{}'), []],
  ['the smoke program', () => write('lang/smoke/main.c', 'int main;'), []],
  ['what is added for projects', () => write('lang/project/Dockerfile', 'ARG BASE\nFROM $BASE\n'), []],
  ['documentation', () => write('lang/README.md', 'Lang'), []]
])('%s changes the names it should', async (_, change, expected) => {
  expect(await changedBy(change)).toEqual(expected)
})

describe('with tools for projects', () => {
  beforeEach(async () => {
    await write('tools/Dockerfile', 'ARG RUNTIME\nFROM $RUNTIME\n')
    await write('lang/runtime.json', '{}')
    await write('other-lang/runtime.json', '{}')
    await write('other-lang/Dockerfile', 'ARG LANG\nFROM $LANG\n')
    await write('lang/project/Dockerfile', 'ARG LANG_TOOLS\nFROM $LANG_TOOLS\n')
  })

  it('makes an image of them on each language, and what a language adds', async () => {
    const specs = await resolveImages(directory, [])
    expect([...specs.keys()].sort()).toEqual(['base', 'lang', 'lang-project', 'lang-tools', 'other-lang', 'other-lang-tools', 'tool'])
    expect(specs.get('lang-tools')).toMatchObject({ folder: 'tools', dependencies: { RUNTIME: 'lang' } })
    expect(specs.get('other-lang-tools')).toMatchObject({ folder: 'tools', dependencies: { RUNTIME: 'other-lang' } })
    expect(specs.get('lang-project')).toMatchObject({ folder: 'lang/project', dependencies: { LANG_TOOLS: 'lang-tools' } })
  })

  it.each<[string, () => Promise<void>, string[]]>([
    ['the tools', () => write('tools/profile', ''), ['lang-project', 'lang-tools', 'other-lang-tools']],
    ['what a language adds', () => write('lang/project/file', ''), ['lang-project']],
    ['a language', () => write('lang/file', ''), ['lang', 'lang-project', 'lang-tools', 'other-lang', 'other-lang-tools']],
    ['a program of its smoke test', () => write('lang/smoke/main', ''), []]
  ])('%s changes the names it should', async (_, change, expected) => {
    expect(await changedBy(change)).toEqual(expected)
  })

  it('refuses a folder whose name an image of projects has', async () => {
    await write('lang-tools/Dockerfile', 'ARG BASE\nFROM $BASE\n')
    await expect(references()).rejects.toThrow(/lang-tools and tools would both make the image lang-tools/)
  })
})

it('gives every image another name where other certificates are trusted', async () => {
  const plain = await references()
  const trusting = await references([{ path: 'certificates/a.crt', isExecutable: false, content: Buffer.from('pem') }])
  expect(Object.keys(plain).filter((name) => plain[name] === trusting[name])).toEqual([])
})

it.each<[string, () => Promise<void>, RegExp]>([
  ['a folder without a Dockerfile', () => write('empty/notes.txt', ''), /empty has no Dockerfile/],
  ['an argument that names nothing', () => write('tool/Dockerfile', 'ARG NOWHERE\nFROM $NOWHERE\n'), /tool: ARG NOWHERE names no folder/],
  ['a circle', () => write('tool/Dockerfile', 'ARG LANG\nFROM $LANG\n'), /built from itself: lang -> tool -> lang/],
  ['a link', () => symlink('/etc/passwd', join(directory, 'lang/passwd')), /lang\/passwd: only regular files/]
])('refuses %s', async (_, change, message) => {
  await change()
  await expect(references()).rejects.toThrow(message)
})
