import { describe, expect, it } from 'vitest'
import { dedent } from '../../../src/elements/dedent.ts'

describe('a program in a page', () => {
  it.each([
    ['print(1)', 'print(1)\n'],
    ['\n      def f():\n        return 1\n\n      f()\n    ', 'def f():\n  return 1\n\nf()\n'],
    ['\r\n\tif x:\r\n\t\ty\r\n', 'if x:\n\ty\n'],
    ['', '\n']
  ])('%j is without its indentation', (text, program) => expect(dedent(text)).toBe(program))
})
