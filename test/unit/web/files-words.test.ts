import { describe, expect, it } from 'vitest'
import { difference } from '../../../src/web/editor/difference.ts'
import { en } from '../../../src/web/texts/workbench/en.ts'
import { languageFor } from '../../../src/web/editor/languages.ts'
import { lineEndingOf } from '../../../src/web/editor/line-endings.ts'
import { findText, readText, writeText } from '../../../src/web/workbench/editors/storage.ts'
import { describeSize, describeSnapshot, titleOf } from '../../../src/web/workbench/snapshots/words.ts'
import { displayName, fileUrl, isWithin, join, moved, nameOf, parentOf, problemWithName } from '../../../src/client/files/paths.ts'
import { RequestError, type Request } from '../../../src/client/files/requests.ts'

describe('paths', () => {
  it('come apart and together', () => {
    expect([nameOf('a/b/c'), parentOf('a/b/c'), nameOf('c'), parentOf('c')]).toEqual(['c', 'a/b', 'c', ''])
    expect([join('', 'a'), join('a', 'b')]).toEqual(['a', 'a/b'])
    expect(moved('a/b/c', 'a/b', 'x')).toBe('x/c')
  })

  it.each([
    ['a/b', 'a', true], ['a', 'a', true], ['a', '', true], ['ab', 'a', false], ['a', 'a/b', false]
  ])('%s in "%s": %s', (path, directory, expected) => {
    expect(isWithin(path, directory)).toBe(expected)
  })

  it.each([
    ['plain.txt', '/projects/p/files/plain.txt'],
    ['a b/c#d?e%f.txt', '/projects/p/files/a%20b/c%23d%3Fe%25f.txt'],
    ['日本\n', '/projects/p/files/%E6%97%A5%E6%9C%AC%0A'],
    ['bytes\udcff', undefined]
  ])('%j is served at %s', (path, url) => {
    expect(fileUrl('p', path)).toBe(url)
  })

  it.each([
    ['日本 🎉 é.txt', '日本 🎉 é.txt'],
    ['two\nlines', 'two\\nlines'],
    ['\u001b[31mred', '\\u001b[31mred'],
    ['evil\u202etxt.exe', 'evil\\u202etxt.exe'],
    ['in\u200bvisible', 'in\\u200bvisible'],
    ['bytes\udcff\udc80', 'bytes\\xff\\x80']
  ])('%j is shown as %s', (name, shown) => {
    expect(displayName(name)).toBe(shown)
  })

  it.each(['', '.', '..', 'a/../b', 'a//b', '/a', 'a/'])('%j cannot be a name', (name) => {
    expect(problemWithName(name)).toBeDefined()
  })

  it.each(['a', 'a/b.txt', '...', '.git'])('%j can be a name', (name) => {
    expect(problemWithName(name)).toBeUndefined()
  })
})

describe('the difference between two texts', () => {
  it.each([
    ['one two', 'one three two', { from: 5, to: 5, insert: 'hree t' }],
    ['abc', 'abc', undefined],
    ['', 'new', { from: 0, to: 0, insert: 'new' }],
    ['old', '', { from: 0, to: 3, insert: '' }],
    ['aa', 'aaa', { from: 2, to: 2, insert: 'a' }],
    ['aaa', 'aa', { from: 2, to: 3, insert: '' }]
  ])('%j to %j', (before, after, expected) => {
    const found = difference(before, after)
    expect(found).toEqual(expected)
    if (found !== undefined) expect(before.slice(0, found.from) + found.insert + before.slice(found.to)).toBe(after)
  })
})

describe('line endings', () => {
  it.each([
    ['', '\n'], ['one', '\n'], ['a\nb\n', '\n'], ['a\r\nb\r\n', '\r\n'], ['a\r\nb\n', 'mixed'], ['a\rb', 'mixed'], ['a\r\r\n', 'mixed']
  ])('%j', (text, expected) => {
    expect(lineEndingOf(text)).toBe(expected)
  })
})

describe('languages', () => {
  it.each(['main.py', 'APP.TSX', 'Dockerfile', 'a.b.rs', 'x.sh', 'q.kt'])('colours %s', async (name) => {
    expect(await languageFor(name)?.()).toBeDefined()
  })

  it.each(['', 'README', 'notes.txt', 'constructor', 'x.constructor', 'py'])('knows nothing of %j', (name) => {
    expect(languageFor(name)).toBeUndefined()
  })
})

describe('snapshots in words', () => {
  const { snapshots: words } = en
  const snapshot = { id: '1', name: null, kind: 'automatic', size: 1_234_567, files: 1, createdAt: '2026-01-02T03:04:05Z' }

  it('have a name, or say where they come from', () => {
    expect([titleOf(snapshot, words), titleOf({ ...snapshot, name: 'mine' }, words), titleOf({ ...snapshot, kind: 'manual' }, words)])
      .toEqual(['Taken automatically', 'mine', 'Without a name'])
    expect(describeSnapshot(snapshot, words, 'en')).toMatch(/^Jan 2, 2026, .* · 1 file · 1\.23 MB$/)
  })

  it.each([[0, '0 bytes'], [999, '999 bytes'], [1000, '1 kB'], [123_456, '123 kB'], [999_999, '1000 kB'], [1e15, '1000 TB']])('%d bytes', (bytes, text) => {
    expect(describeSize(bytes)).toBe(text)
  })
})

describe('texts on the disk', () => {
  const answering = (answer: object): Request => async () => answer
  const refusing = (code: string): Request => async () => { throw new RequestError(code, 'refused') }
  const entry = { etag: 'v1' }

  it('are read with their version', async () => {
    expect(await readText(answering({ entry, content: 'text', encoding: 'utf8' }), 'a')).toEqual({ text: 'text', etag: 'v1' })
  })

  it.each([
    ['bytes', answering({ entry, content: '/w==', encoding: 'base64' })],
    ['a NUL', answering({ entry, content: 'a\0b', encoding: 'utf8' })],
    ['too much', refusing('TOO_LARGE')]
  ])('are not editable with %s', async (_what, request) => {
    await expect(readText(request, 'a')).rejects.toMatchObject({ code: 'NOT_EDITABLE' })
  })

  it('may be missing, which is no other failure', async () => {
    expect(await findText(refusing('FILE_NOT_FOUND'), 'a')).toBeUndefined()
    await expect(findText(refusing('NOT_A_FILE'), 'a')).rejects.toMatchObject({ code: 'NOT_A_FILE' })
  })

  it('are not sent when they are more than a message holds', async () => {
    await expect(writeText(refusing('SENT'), 'a', 'é'.repeat(524_289), 'v0')).rejects.toMatchObject({ code: 'TOO_LARGE' })
    await expect(writeText(refusing('SENT'), 'a', '"'.repeat(1024 ** 2), 'v0')).rejects.toMatchObject({ code: 'TOO_LARGE' })
    await expect(writeText(refusing('SENT'), 'a', 'é'.repeat(524_288), 'v0')).rejects.toMatchObject({ code: 'SENT' })
  })

  it('are written over one version, or where nothing is', async () => {
    const asked: object[] = []
    const request = (async (_op: string, fields: object) => {
      asked.push(fields)
      return { entry }
    }) as unknown as Request
    expect(await writeText(request, 'a', 'x', 'v0')).toBe('v1')
    await writeText(request, 'a', 'x', undefined)
    expect(asked).toEqual([{ path: 'a', content: 'x', ifMatch: 'v0' }, { path: 'a', content: 'x', ifNoneMatch: '*' }])
  })
})
