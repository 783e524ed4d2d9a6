import { describe, expect, it } from 'vitest'
import { compileGlob } from '../../../src/lib/glob.ts'

const enough = () => ({ left: 1_000_000 })
const matches = (glob: string, path: string) => compileGlob(glob)?.matches(path, enough())

describe('glob', () => {
  it.each<[string, string[], string[]]>([
    ['*.png', ['a.png', '.png', 'a.b.png'], ['a.pngx', 'd/a.png', 'png']],
    ['./*.png', ['a.png'], ['d/a.png']],
    ['**/*.png', ['a.png', 'd/a.png', 'd/e/.hidden/a.png'], ['d/a.jpg']],
    ['out/**', ['out/a', 'out/a/b'], ['a/out/b', 'outer/a']],
    ['**', ['a', 'a/b', '.a'], []],
    ['a/**/b/**/c', ['a/b/c', 'a/x/b/b/y/c'], ['a/b', 'a/c/b']],
    ['a?c', ['abc'], ['ac', 'a/c', 'abbc']],
    ['[a-c]x[!0-9]', ['bxz'], ['dxz', 'bx1', 'bx']],
    ['[]]', [']'], ['[']],
    ['{a,b{1,2}}.{txt,md}', ['a.txt', 'b1.md', 'b2.txt'], ['b.txt', 'a.b']],
    ['{a/b,c}/d', ['a/b/d', 'c/d'], ['a/d']],
    ['{a}', ['{a}'], ['a']],
    ['\\*\\{a,b\\}', ['*{a,b}'], ['xa', 'x{a,b}']],
    ['*a*b*', ['ab', 'xaxbx', 'bab'], ['ba', 'a']],
    ['[', ['['], ['']],
    ['plots', ['plots'], ['plots/a', 'plot']]
  ])('%s matches what it should', (glob, fitting, others) => {
    expect(fitting.filter((path) => matches(glob, path) !== true)).toEqual([])
    expect(others.filter((path) => matches(glob, path) !== false)).toEqual([])
  })

  it.each([
    ['stars against a long name', '*a'.repeat(100) + 'b', 'a'.repeat(255)],
    ['a long tail against a long name', `*${'a'.repeat(200)}b`, 'a'.repeat(255)],
    ['classes against a long name', `*${'[a-zA-Z]'.repeat(30)}0`, 'a'.repeat(255)],
    ['directories of any depth against a deep path', `${'**/a/'.repeat(50)}b`, `${'a/'.repeat(99)}a`],
    ['both', `${'**/*a*a*a/'.repeat(20)}b`, `${'aaaaaaaaaa/'.repeat(99)}a`]
  ])('takes no more steps than their lengths multiplied: %s', (_name, glob, path) => {
    const budget = enough()
    expect(compileGlob(glob)?.matches(path, budget)).toBe(false)
    expect(1_000_000 - budget.left).toBeLessThan(2 * glob.length * path.length)
    expect(budget.left).toBeGreaterThan(0)
  })

  it('finds nothing once its budget is used up', () => {
    expect(compileGlob('*a')?.matches('a'.repeat(200), { left: 10 })).toBe(false)
  })

  it('refuses braces that stand for too many', () => {
    expect(compileGlob('{a,b}'.repeat(6))).toBeDefined()
    expect(compileGlob('{a,b}'.repeat(7))).toBeUndefined()
    expect(compileGlob('{a,b}'.repeat(50))).toBeUndefined()
  })
})
