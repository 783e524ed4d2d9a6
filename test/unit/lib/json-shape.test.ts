import { describe, expect, it } from 'vitest'
import { jsonShapeProblem } from '../../../src/lib/json-shape.ts'

describe('the shape of a JSON text', () => {
  it.each([
    ['an ordinary body', JSON.stringify({ language: 'python', files: [{ path: 'a', content: '[[[{{{,,,' }] })],
    ['a hundred levels', `${'['.repeat(100)}${']'.repeat(100)}`],
    ['brackets and commas in strings', JSON.stringify(['[{,'.repeat(200_000), '\\"[', '"'.repeat(1_000)])],
    ['many that are side by side', `[${'[],'.repeat(90_000)}1]`],
    ['a string that does not end', '"abc\\']
  ])('is fine: %s', (_name, text) => {
    expect(jsonShapeProblem(text)).toBeUndefined()
  })

  it.each([
    ['arrays', `${'['.repeat(101)}${']'.repeat(101)}`, /101|100 levels/],
    ['objects', '{"a":'.repeat(101), /100 levels/],
    ['after a string with an escaped quote', `["\\"",${'['.repeat(100)}`, /100 levels/],
    ['many values', `[${'1,'.repeat(100_001)}1]`, /100000 values/],
    ['many names', `{${Array.from({ length: 100_002 }, (_, i) => `"${i}":1`).join()}}`, /100000 values/]
  ])('is refused: %s', (_name, text, problem) => {
    expect(jsonShapeProblem(text)).toMatch(problem)
  })
})
