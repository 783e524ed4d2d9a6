import { describe, expect, it } from 'vitest'
import { resolvePath, showAttributes, showName, toProjectPath } from '../../../src/projects/ssh/sftp/names.ts'

describe('paths of SFTP', () => {
  it.each([
    ['', '/workspace'], ['.', '/workspace'], ['a', '/workspace/a'], ['./a//b/', '/workspace/a/b'], ['/workspace/a/../b', '/workspace/b'],
    ['..', '/'], ['../../..', '/'], ['/', '/'], ['/etc/./passwd', '/etc/passwd']
  ])('%j is %s', (path, resolved) => {
    expect(resolvePath(Buffer.from(path)).toString()).toBe(resolved)
  })

  it.each([['a/b', 'a/b'], ['/workspace', ''], ['.', ''], ['/workspace/a', 'a'], ['/', null], ['../workspace/a', 'a']])('%j is the project\'s %j', (path, expected) => {
    expect(toProjectPath(Buffer.from(path))).toBe(expected)
  })

  it.each(['/etc/passwd', '../x', '/workspacex', '/work'])('%j is not there', (path) => {
    expect(() => toProjectPath(Buffer.from(path))).toThrow('There is no')
  })

  it('keep bytes that are no UTF-8', () => {
    expect(toProjectPath(Buffer.from([0x61, 0xff]))).toBe('a\udcff')
  })
})

describe('what is shown of a file', () => {
  it('has the bits of its type, and a time that fits', () => {
    expect(showAttributes({ type: 'symlink', mode: 0o777, size: 3, mtimeNs: 5_900_000_000n })).toEqual({ size: 3, mode: 0o120777, mtime: 5 })
    expect(showAttributes({ type: 'file', mode: 0o640, size: 0, mtimeNs: 2n ** 63n }).mtime).toBe(2 ** 32 - 1)
  })

  it('has a line as of ls', () => {
    expect(showName({ type: 'directory', mode: 0o751, size: 4096, mtimeNs: 0n }, Buffer.from('box')).longName.toString())
      .toBe('drwxr-x--x 1 sandbox sandbox      4096 1970-01-01 00:00 box')
  })
})
