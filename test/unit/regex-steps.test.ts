import { expect, it } from 'vitest'
import { countSteps, growthOf } from '../support/regex-steps.ts'

it.each<[string, string, number]>([
  ['^(?:a|b)+c', 'ab', 2],
  ['\\s*x', ' ', 4],
  ['a.*b.*c', 'ab', 8]
])('twice as much text for %s is %s repeated and takes %d times as long', (source, piece, times) => {
  const growth = growthOf(source, piece, { bytes: 128 })
  expect(growth).toBeGreaterThan(times * 0.85)
  expect(growth).toBeLessThan(times * 1.15)
})

it('the steps to what is there are those before it, and what cannot be counted says so', () => {
  expect(countSteps('a', 'xxa')).toBe(3)
  for (const source of ['(a)\\1', 'a*?', '(?<=a)b']) expect(() => countSteps(source, 'ab')).toThrow(/cannot be counted/)
})
