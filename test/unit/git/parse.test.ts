import { describe, expect, it } from 'vitest'
import { parseBranches } from '../../../src/projects/git/repository/parse/branches.ts'
import { parseDiff } from '../../../src/projects/git/repository/parse/diff.ts'
import { parseLog } from '../../../src/projects/git/repository/parse/log.ts'
import { parsePush } from '../../../src/projects/git/repository/parse/push.ts'
import { MalformedOutputError } from '../../../src/projects/git/repository/parse/records.ts'
import { parseStatus } from '../../../src/projects/git/repository/parse/status.ts'
import { parseRemotes } from '../../../src/projects/git/repository/remotes.ts'

const HASH = 'a'.repeat(40)
const nul = (...records: string[]): Buffer => Buffer.from(records.map((record) => `${record}\0`).join(''))
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const changed = (states: string, path: string, submodule = 'N...'): string => `1 ${states} ${submodule} 100644 100644 100644 ${HASH} ${HASH} ${path}`
const renamed = (path: string, from: string): string => `2 R. N... 100644 100644 100644 ${HASH} ${HASH} R100 ${path}\0${from}`
const none = { from: null, conflict: null, isSubmodule: false }

describe('the status', () => {
  it('has the branch, how far it is from its upstream, and what is changed', () => {
    const output = nul(`# branch.oid ${HASH}`, '# branch.head main', '# branch.upstream origin/main', '# branch.ab +2 -13', '# stash 3', changed('M.', 'a b'), changed('.T', 'c'), renamed('new', 'old'), changed('AM', 'sub', 'S..U'), `u AA N... 100644 100644 100644 100644 ${HASH} ${HASH} ${HASH} both`, '? dir/', '! out')
    expect(parseStatus(output, 100)).toEqual({
      branch: { name: 'main', commit: HASH, upstream: 'origin/main', ahead: 2, behind: 13 },
      entries: [
        { ...none, path: 'a b', index: 'modified', worktree: 'unmodified' },
        { ...none, path: 'c', index: 'unmodified', worktree: 'type_changed' },
        { ...none, path: 'new', from: 'old', index: 'renamed', worktree: 'unmodified' },
        { ...none, path: 'sub', index: 'added', worktree: 'modified', isSubmodule: true },
        { ...none, path: 'both', index: 'unmerged', worktree: 'unmerged', conflict: 'both_added' },
        { ...none, path: 'dir/', index: 'untracked', worktree: 'untracked' },
        { ...none, path: 'out', index: 'ignored', worktree: 'ignored' }
      ],
      isTruncated: false
    })
  })

  it('is of a repository without a commit, or without a branch', () => {
    expect(parseStatus(nul('# branch.oid (initial)', '# branch.head main'), 1).branch).toEqual({ name: 'main', commit: null, upstream: null, ahead: null, behind: null })
    expect(parseStatus(nul(`# branch.oid ${HASH}`, '# branch.head (detached)'), 1).branch).toMatchObject({ name: null, commit: HASH })
  })

  it('has any names that files can have', () => {
    const output = Buffer.concat([bytes('? a\nb\0? -x\0? :(glob)*\0? \xff\xfe\0'), nul('? ü')])
    expect(parseStatus(output, 100).entries.map(({ path }) => path)).toEqual(['a\nb', '-x', ':(glob)*', '\udcff\udcfe', 'ü'])
  })

  it('has no names of ours, no more entries than asked for, and nothing that is cut off', () => {
    expect(parseStatus(nul('? .berth-clone/', '? a'), 1)).toMatchObject({ entries: [{ path: 'a' }], isTruncated: false })
    expect(parseStatus(nul('? a', '? b'), 1)).toMatchObject({ entries: [{ path: 'a' }], isTruncated: true })
    expect(parseStatus(bytes('? a\0? b'), 9).entries.map(({ path }) => path)).toEqual(['a'])
    expect(parseStatus(bytes(`? a\0${renamed('new', 'ol')}`), 9).entries.map(({ path }) => path)).toEqual(['a'])
  })
})

describe('a diff', () => {
  it('has the files with their lines, and the patch', () => {
    const output = Buffer.concat([nul('1\t0\ta\tb', '-\t-\tbin', '0\t2\t', 'old', 'new', ''), Buffer.from('diff --git a/x b/x\n\0+y\n')])
    expect(parseDiff(output, false)).toEqual({
      files: [
        { path: 'a\tb', from: null, additions: 1, deletions: 0 },
        { path: 'bin', from: null, additions: null, deletions: null },
        { path: 'new', from: 'old', additions: 0, deletions: 2 }
      ],
      patch: 'diff --git a/x b/x\n\0+y\n',
      isTruncated: false
    })
  })

  it('is nothing, only a patch where there are conflicts, or cut off anywhere', () => {
    expect(parseDiff(Buffer.alloc(0), false)).toEqual({ files: [], patch: '', isTruncated: false })
    expect(parseDiff(Buffer.from('* Unmerged path a\n'), false)).toMatchObject({ files: [], patch: '* Unmerged path a\n' })
    const whole = Buffer.concat([nul('1\t0\ta', '0\t2\t', 'old', 'new', ''), bytes('diff \xff')])
    for (let end = 1; end < whole.length; end++) expect(parseDiff(whole.subarray(0, end), true)).toMatchObject({ isTruncated: true })
    expect(parseDiff(whole, false).patch).toBe('diff \ufffd')
  })
})

describe('a log', () => {
  const commit = (...changes: Array<[number, string]>): string[] => {
    const fields = [HASH, `${'b'.repeat(40)} ${'c'.repeat(64)}`, 'A\n', 'a@b', '0', 'C', 'c@d', '1', 'one\n\ntwo\n']
    for (const [index, value] of changes) fields[index] = value
    return fields
  }

  it('has the commits that are whole', () => {
    const first = { commit: HASH, parents: ['b'.repeat(40), 'c'.repeat(64)], author: { name: 'A\n', email: 'a@b', at: new Date(0) }, committer: { name: 'C', email: 'c@d', at: new Date(1_000) }, message: 'one\n\ntwo' }
    expect(parseLog(nul(...commit(), ...commit([1, '']), ...commit()), 2)).toEqual([first, { ...first, parents: [] }])
    expect(parseLog(nul(...commit(), HASH, ''), 9)).toEqual([first])
    expect(parseLog(Buffer.alloc(0), 9)).toEqual([])
  })

  it('keeps times within what a date can say', () => {
    const [made] = parseLog(nul(...commit([4, '99999999999999999999'], [7, '-99999999999999999999'])), 1)
    expect([made?.author.at.toISOString(), made?.committer.at.toISOString()]).toEqual(['+275760-09-13T00:00:00.000Z', '-271821-04-20T00:00:00.000Z'])
  })

  it.each<[number, string]>([[0, 'HEAD'], [1, 'x'], [4, 'soon'], [7, '']])('with field %d as %j is none', (index, value) => {
    expect(() => parseLog(nul(...commit([index, value])), 1)).toThrow(MalformedOutputError)
  })
})

describe('branches', () => {
  const line = (...fields: string[]): string => fields.map((field) => `${field}\0`).join('')
  it('are here or a remote\'s, and other names of one are left out', () => {
    const output = Buffer.from([
      line('refs/heads/main', '*', HASH, 'one', 'origin/main', '[ahead 1, behind 22]', ''), line('refs/heads/a/b', '', HASH, '', 'origin/x', '[gone]', ''),
      line('refs/remotes/origin/HEAD', '', HASH, 'one', '', '', 'refs/remotes/origin/main'), line('refs/remotes/origin/main', '', HASH, 'one', '', '', '')
    ].join('\n'))
    expect(parseBranches(output, 9)).toEqual([
      { name: 'main', isRemote: false, isCurrent: true, commit: HASH, subject: 'one', upstream: 'origin/main', ahead: 1, behind: 22 },
      { name: 'a/b', isRemote: false, isCurrent: false, commit: HASH, subject: '', upstream: 'origin/x', ahead: null, behind: null },
      { name: 'origin/main', isRemote: true, isCurrent: false, commit: HASH, subject: 'one', upstream: null, ahead: null, behind: null }
    ])
  })
})

it('what was pushed is read from among other lines', () => {
  const output = 'To https://example.org/a\n*\trefs/heads/a:refs/heads/a\t[new branch]\n!\trefs/heads/b:refs/heads/b\t[rejected] (fetch first)\n \tx:y\t1..2\nDone\nx\ty\tz\n'
  expect(parsePush(Buffer.from(output))).toEqual([
    { from: 'refs/heads/a', to: 'refs/heads/a', result: 'new', summary: '[new branch]' },
    { from: 'refs/heads/b', to: 'refs/heads/b', result: 'rejected', summary: '[rejected] (fetch first)' },
    { from: 'x', to: 'y', result: 'updated', summary: '1..2' }
  ])
})

it('remotes are listed with the address that counts, and without passwords', () => {
  const output = nul('remote.origin.url\nhttps://me:secret@example.org/a', 'remote.origin.url\nhttps://other.example', 'remote.a.b.pushurl\ngit@example.org:a', 'remote.a.b.url\n/x\ny', 'remote.empty.url')
  expect(parseRemotes(output)).toEqual([
    { name: 'origin', url: 'https://me@example.org/a', pushUrl: null },
    { name: 'a.b', url: '/x\ny', pushUrl: 'git@example.org:a' },
    { name: 'empty', url: '', pushUrl: null }
  ])
})

describe('whatever is printed in the place of git', () => {
  // As much as a call may print, of what makes the most work.
  const SIZE = 1024 ** 2
  const floods = ['\0', ' ', '\t', '1 ', '2 R. a a a a a a a \0', '0\t0\t\0', '? \0', '# branch.ab \0', 'a\0', '\n', '!\ta:b\t', 'remote.x.url\n\0', '9', `${HASH}\0`]
    .map((text) => Buffer.alloc(SIZE, text))
  const parsers: Array<[string, (output: Buffer) => unknown]> = [
    ['status', (output) => parseStatus(output, 10_000)], ['diff', (output) => parseDiff(output, true)], ['log', (output) => parseLog(output, 200)], ['branches', (output) => parseBranches(output, 1_000)], ['push', parsePush], ['remotes', parseRemotes]
  ]

  it.each(parsers)('%s is read, or said to be malformed', (_name, parse) => {
    for (const flood of floods) expect(outcomeOf(() => parse(flood))).toMatch(/^(read|malformed)$/)
  })

  it.each(parsers)('%s neither hangs nor throws anything else for a mixture of pieces', (_name, parse) => {
    const random = createRandom(7)
    const pieces = ['1 ', '2 ', 'u ', '? ', '# ', 'branch.ab ', 'branch.oid ', 'M. N... ', '100644 ', `${HASH} `, HASH, 'a', '\xff', '\t', '-', '0', '\n', ' ', '\0', '\0\0', 'refs/heads/', '[ahead ', 'remote.', '.url', ':']
    for (let round = 0; round < 5_000; round++) {
      const text = Array.from({ length: random(40) }, () => pieces[random(pieces.length)]).join('')
      expect(outcomeOf(() => parse(bytes(text)))).toMatch(/^(read|malformed)$/)
    }
  })
})

function outcomeOf (parse: () => unknown): string {
  try {
    parse()
    return 'read'
  } catch (error) {
    return error instanceof MalformedOutputError ? 'malformed' : String(error)
  }
}

/** The same numbers each time. */
function createRandom (seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state % below
  }
}
