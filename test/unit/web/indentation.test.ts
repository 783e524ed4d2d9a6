import { describe, expect, it } from 'vitest'
import { indentationOf } from '../../../src/web/editor/indentation.ts'

describe('one step of indentation', () => {
  it.each([
    ['main.py', '', '    '],
    ['main.rs', '', '    '],
    ['main.ts', '', '  '],
    ['page.html', '', '  '],
    ['README', '', '  '],
    ['main.go', '', '\t'],
    ['Makefile', '', '\t'],
    ['rules.mk', 'a:\n    b', '\t'],
    ['Makefile', 'define x\n    a\n    b', '\t'],
    ['main.py', 'def f():\n  if x:\n    y()\n', '  '],
    ['main.ts', 'class A {\n    f () {\n        g()\n    }\n}', '    '],
    ['main.c', 'int f () {\n\treturn 1;\n}', '\t'],
    ['main.py', 'x = 1\n\ny = 2', '    '],
    ['notes.md', '- a\n   three\n', '  ']
  ])('in %s with %j is %j', (name, text, expected) => expect(indentationOf(name, text)).toBe(expected))
})
