import { describe, expect, it } from 'vitest'
import { planClone } from '../../../src/projects/git/clone/plan.ts'
import { refProblem } from '../../../src/projects/core/source/ref.ts'
import { urlProblem } from '../../../src/projects/core/source/url.ts'

describe('the address of a repository', () => {
  it.each([
    'https://example.org/a.git', 'http://10.0.0.1:8080/a/b', 'git://example.org/a', 'ssh://git@example.org:22/a.git',
    'https://example.org/with%20blank', 'https://[::1]/a', 'https://example.org'
  ])('is taken: %s', (url) => {
    expect(urlProblem(url)).toBeUndefined()
  })

  it.each([
    ['file:///etc', /is none of/],
    ['ext::sh -c true', /%XX/],
    ['ext::sh', /no URL/],
    ['--upload-pack=touch%20x', /no URL/],
    ['/etc', /no URL/],
    ['git@example.org:a.git', /no URL.*ssh:/],
    ['https:example.org/a', /no URL/],
    ['ftp://example.org/a', /is none of/],
    ['javascript://example.org/a', /is none of/],
    ['ssh://-oProxyCommand=x/a', /no URL|names no host/],
    ['ssh://-l@example.org/a', /credentials/],
    ['https://user:secret@example.org/a', /credentials/],
    ['https://token@example.org/a', /credentials/],
    ['ssh://git:secret@example.org/a', /credentials/],
    ['https://example.org/a?private_token=x', /query/],
    ['https://example.org/a#x', /fragment/],
    ['https://example.org/a\n--config=x', /%XX/],
    ['https://example.org/a\0', /%XX/],
    ['https://exämple.org/a', /%XX/],
    ['https:\\\\example.org\\a', /%XX/],
    [' https://example.org/a', /%XX/],
    [`https://example.org/${'a'.repeat(2048)}`, /longer/]
  ])('is refused: %j', (url, reason) => {
    expect(urlProblem(url)).toMatch(reason)
  })
})

describe('a ref', () => {
  it.each(['main', 'feature/ä', 'v1.0.0', 'abc1234', 'a'.repeat(40), 'a@b', 'x{y}'])('is taken: %s', (ref) => {
    expect(refProblem(ref)).toBeUndefined()
  })

  it.each(['-b', '--upload-pack=x', 'a b', 'a\nb', 'a..b', 'a@{1}', '@', 'a~1', 'a^', 'a:b', 'a?', 'a*', 'a[b', 'a\\b', '/a', 'a/', 'a//b', '.a', 'a/.b', 'a.lock', 'a.', '', '\ud800', 'a'.repeat(256)])('is refused: %j', (ref) => {
    expect(refProblem(ref)).toBeTypeOf('string')
  })
})

describe('the commands of a clone', () => {
  const url = 'https://example.org/a.git'

  it('give a branch or a tag to git and keep the address from being an option', () => {
    expect(planClone({ url, ref: 'v1' }, 'there')).toEqual([
      ['git', 'clone', '--depth', '1', '--progress', '--template=', '--no-recurse-submodules', '--branch', 'v1', '--', url, 'there']
    ])
  })

  it('name no branch where none is asked for', () => {
    expect(planClone({ url, ref: null }, 'there').flat()).not.toContain('--branch')
  })

  it.each(['a'.repeat(40), '0'.repeat(64)])('fetch a commit by itself: %s', (commit) => {
    const commands = planClone({ url, ref: commit }, 'there')
    expect(commands.map((command) => command.find((word) => ['init', 'remote', 'fetch', 'checkout'].includes(word)))).toEqual(['init', 'remote', 'fetch', 'checkout'])
    expect(commands[2]?.slice(-3)).toEqual(['--', 'origin', commit])
  })

  it('take fewer digits of a commit for a name', () => {
    expect(planClone({ url, ref: 'a'.repeat(39) }, 'there')[0]).toContain('--branch')
  })
})
