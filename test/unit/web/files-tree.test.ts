import { describe, expect, it } from 'vitest'
import type { Change, Entry, EntryType } from '../../../src/protocols/files.ts'
import { RequestError, type Request } from '../../../src/client/files/requests.ts'
import { createLoader } from '../../../src/web/workbench/tree/loader.ts'
import { createTree, type Tree } from '../../../src/web/workbench/tree/model.ts'
import { rowInPlaceOf, stepFor } from '../../../src/web/workbench/tree/navigation.ts'

const entry = (path: string, type: EntryType = 'file'): Entry => ({ path, type, size: 0, mtime: '2026-01-01T00:00:00.000Z', mode: 0o644, etag: path })
const change = (kind: Change['kind'], path: string, more: Partial<Change> = {}): Change => ({ type: 'change', watch: '/', kind, path, entryType: 'file', ...more })
const paths = (tree: Tree): string[] => tree.rows().map(({ path }) => path)

/** With a/ open, which holds a/x/ and a/1.txt, and b.txt beside it. */
function createOpenTree (): Tree {
  const tree = createTree()
  tree.fill('', [entry('b.txt'), entry('a', 'directory')], false)
  tree.setExpanded('a', true)
  tree.fill('a', [entry('a/1.txt'), entry('a/x', 'directory')], false)
  return tree
}

describe('the tree', () => {
  it('shows directories first, and names in the order of people', () => {
    const tree = createTree()
    tree.fill('', ['b10', 'b9', 'B', 'b', '__proto__'].map((path) => entry(path)).concat(entry('z', 'directory')), false)
    expect(paths(tree)).toEqual(['z', '__proto__', 'b', 'B', 'b9', 'b10'])
  })

  it('shows what shells keep in the home directory only when asked to, and what a project is made of always', () => {
    const tree = createTree()
    tree.fill('', ['.bash_history', '.cache', '.env', '.gitignore', 'a.py'].map((path) => entry(path)), false)
    expect(paths(tree)).toEqual(['.env', '.gitignore', 'a.py'])
    tree.setShowsAll(true)
    expect(paths(tree)).toEqual(['.bash_history', '.cache', '.env', '.gitignore', 'a.py'])
  })

  it('shows what is in a directory only while it is open, with its level', () => {
    const tree = createOpenTree()
    expect(tree.rows().map(({ path, level }) => [path, level])).toEqual([['a', 1], ['a/x', 2], ['a/1.txt', 2], ['b.txt', 1]])
    tree.setExpanded('a', false)
    expect(paths(tree)).toEqual(['a', 'b.txt'])
    tree.setExpanded('b.txt', true)
    expect(tree.openDirectories()).toEqual([''])
  })

  it.each<[string, Change, string[]]>([
    ['something new', change('created', 'a/2.txt'), ['a', 'a/x', 'a/1.txt', 'a/2.txt', 'b.txt']],
    ['something new where nobody looks', change('created', 'a/x/2.txt'), ['a', 'a/x', 'a/1.txt', 'b.txt']],
    ['something new in a directory that is not known', change('created', 'q/2.txt'), ['a', 'a/x', 'a/1.txt', 'b.txt']],
    ['another content', change('modified', 'b.txt'), ['a', 'a/x', 'a/1.txt', 'b.txt']],
    ['a deletion', change('deleted', 'a/1.txt'), ['a', 'a/x', 'b.txt']],
    ['a deletion with all that is beneath', change('deleted', 'a'), ['b.txt']],
    ['another name', change('moved', 'b.txt', { to: 'c.txt' }), ['a', 'a/x', 'a/1.txt', 'c.txt']],
    ['another name over a file', change('moved', 'b.txt', { to: 'a/1.txt' }), ['a', 'a/x', 'a/1.txt']],
    ['a directory\'s other name, which stays open', change('moved', 'a', { to: 'd', entryType: 'directory' }), ['d', 'd/x', 'd/1.txt', 'b.txt']],
    ['what comes from where nobody looks', change('moved', 'a/x/y', { to: 'y' }), ['a', 'a/x', 'a/1.txt', 'b.txt', 'y']],
    ['what goes to where nobody looks', change('moved', 'b.txt', { to: 'a/x/b.txt' }), ['a', 'a/x', 'a/1.txt']]
  ])('follows %s', (_what, happened, expected) => {
    const tree = createOpenTree()
    tree.apply(happened)
    expect(paths(tree)).toEqual(expected)
  })

  it('shuts a directory that has become a file', () => {
    const tree = createOpenTree()
    tree.apply(change('created', 'a'))
    expect(paths(tree)).toEqual(['a', 'b.txt'])
    expect(tree.typeOf('a')).toBe('file')
  })

  it('keeps open what is still there when it is read again', () => {
    const tree = createOpenTree()
    tree.fill('', [entry('a', 'directory'), entry('new')], true)
    expect(paths(tree)).toEqual(['a', 'a/x', 'a/1.txt', 'new'])
    expect(tree.isTruncated).toBe(true)
  })
})

describe('keys in the tree', () => {
  const rows = createOpenTree().rows()

  it.each([
    ['ArrowDown', 'a', { kind: 'focus', path: 'a/x' }],
    ['ArrowDown', 'b.txt', undefined],
    ['ArrowUp', 'a/x', { kind: 'focus', path: 'a' }],
    ['ArrowUp', 'a', undefined],
    ['Home', 'b.txt', { kind: 'focus', path: 'a' }],
    ['End', 'a', { kind: 'focus', path: 'b.txt' }],
    ['ArrowRight', 'a', { kind: 'focus', path: 'a/x' }],
    ['ArrowRight', 'a/x', { kind: 'expand', path: 'a/x' }],
    ['ArrowRight', 'b.txt', undefined],
    ['ArrowLeft', 'a/1.txt', { kind: 'focus', path: 'a' }],
    ['ArrowLeft', 'a', { kind: 'collapse', path: 'a' }],
    ['ArrowLeft', 'b.txt', undefined],
    ['B', 'a', { kind: 'focus', path: 'b.txt' }],
    ['a', 'b.txt', { kind: 'focus', path: 'a' }],
    [' ', 'a', undefined],
    ['Tab', 'a', undefined],
    ['ArrowDown', 'not there', undefined]
  ])('%s on %s', (key, current, step) => {
    expect(stepFor(key, rows, current)).toEqual(step)
  })

  it('stays on an open directory that is empty', () => {
    const tree = createTree()
    tree.fill('', [entry('a', 'directory'), entry('ab')], false)
    tree.setExpanded('a', true)
    expect(stepFor('ArrowRight', tree.rows(), 'a')).toBeUndefined()
  })

  it.each<[string, string[], string | undefined]>([
    ['a/x', ['a', 'a/1.txt', 'b.txt'], 'a/1.txt'],
    ['b.txt', ['a', 'a/x', 'a/1.txt'], 'a/1.txt'],
    ['a', ['b.txt'], 'b.txt'],
    ['a', [], undefined],
    ['never there', ['a'], 'a']
  ])('gives the place of %s to its neighbour', (gone, left, expected) => {
    expect(rowInPlaceOf(gone, rows, rows.filter(({ path }) => left.includes(path)))?.path).toBe(expected)
  })
})

describe('reading directories', () => {
  /** A server that answers when the test says so. */
  function createScriptedLists () {
    const asked: Array<{ path: string, answer: (...entries: Entry[]) => void, fail: (error: Error) => void }> = []
    const list = async (_op: string, { path }: { path: string }): Promise<object> => await new Promise((resolve, reject) => {
      asked.push({ path, answer: (...entries) => resolve({ entries, truncated: false, nextCursor: null }), fail: reject })
    })
    const request = list as unknown as Request
    const tree = createTree()
    return { asked, tree, loader: createLoader({ tree, request, onLoaded: () => undefined }) }
  }

  it('does not lose what changes while a list is on its way', async () => {
    const { asked, tree, loader } = createScriptedLists()
    const done = loader.load('')
    loader.heed(change('created', 'new'))
    loader.heed(change('deleted', 'gone'))
    loader.heed(change('moved', 'from', { to: 'to' }))
    asked[0]?.answer(entry('gone'), entry('from'), entry('stays'))
    await done
    expect(paths(tree)).toEqual(['new', 'stays', 'to'])
  })

  it('reads once more for whoever asks while it is reading, and no more often', async () => {
    const { asked, tree, loader } = createScriptedLists()
    const loads = [loader.load(''), loader.load(''), loader.load('')]
    asked[0]?.answer(entry('old'))
    await expect.poll(() => asked.length).toBe(2)
    asked[1]?.answer(entry('new'))
    await Promise.all(loads)
    expect(paths(tree)).toEqual(['new'])
    expect(asked.length).toBe(2)
  })

  it('drops a directory that has gone, and passes on every other failure', async () => {
    const { asked, tree, loader } = createScriptedLists()
    tree.fill('', [entry('a', 'directory')], false)
    const gone = loader.load('a')
    asked[0]?.fail(new RequestError('FILE_NOT_FOUND', 'There is no a'))
    await gone
    expect(paths(tree)).toEqual([])
    const failed = loader.load('')
    asked[1]?.fail(new RequestError('FILE_NOT_FOUND', 'There is no project'))
    await expect(failed).rejects.toThrow('There is no project')
  })
})
