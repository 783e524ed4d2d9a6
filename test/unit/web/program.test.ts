import { describe, expect, it } from 'vitest'
import { fromFragment, splitArguments, toCall, toCurl, toFragment, type Program } from '../../../src/web/pages/run/program.ts'

const program: Program = { language: 'python', files: [{ path: 'main.py', content: "print('ü \u{1f30a}')\n" }, { path: 'b.py', content: '' }], input: 'a\n', args: '' }

describe('a shared program', () => {
  it('is in the fragment of its link, in letters that no program changes', async () => {
    const fragment = await toFragment(program)
    expect(fragment).toMatch(/^#v1=[A-Za-z0-9_-]+$/)
    expect(await fromFragment(fragment)).toEqual(program)
  })

  it('is small', async () => {
    const code = 'for i in range(10):\n    print(i)\n'.repeat(100)
    expect((await toFragment({ ...program, files: [{ path: 'main.py', content: code }] })).length).toBeLessThan(300)
  })

  it.each(['', '#', '#v1=', '#v1=%%%', '#v1=AAAA', '#v2=abc', '#other', `#v1=${'A'.repeat(100_000)}`])('is none where the fragment is %.30s', async (fragment) => {
    expect(await fromFragment(fragment)).toBeUndefined()
  })

  it.each([null, 3, {}, { ...program, files: [] }, { ...program, files: [{ path: 1, content: '' }] }, { ...program, language: 1 }])('is none of %j', async (value) => {
    expect(await fromFragment(await toFragment(value as Program))).toBeUndefined()
  })
})

describe('the call of a program', () => {
  it.each([
    ['', []],
    ['a  b', ['a', 'b']],
    ['"a b" c', ['a b', 'c']],
    ["'a \"b' ''", ['a "b', '']]
  ])('splits arguments %j', (text, expected) => expect(splitArguments(text)).toEqual(expected))

  it('has an input only where there is one: else the program may ask', () => {
    expect(toCall(program)).toMatchObject({ language: 'python', input: 'a\n' })
    expect(toCall({ ...program, input: '' })).not.toHaveProperty('input')
    expect(toCall({ ...program, args: 'x y' })).toMatchObject({ args: ['x', 'y'] })
  })

  it('is a line for a shell, which takes quotes as they are', () => {
    const line = toCurl({ ...program, input: "it's" }, 'http://localhost:3000')
    expect(line).toContain('curl -s http://localhost:3000/api/execute -H "X-API-Key: $BERTH_KEY"')
    expect(line).toContain("it'\\''s")
  })
})
