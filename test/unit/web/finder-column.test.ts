import { expect, it } from 'vitest'
import { columnOf } from '../../../src/web/workbench/finder/column.ts'

it.each([['abc', 1, 1], ['abc', 3, 3], ['üx', 3, 2], ['€x', 4, 2], ['😀x', 5, 3], ['', 1, 1], ['ab', 9, 3]])('in %j byte %d is column %d', (line, byte, column) => {
  expect(columnOf(line, byte)).toBe(column)
})
