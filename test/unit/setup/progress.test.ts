import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { createProgress } from '../../../src/setup/progress.ts'

function record (isTTY: boolean, columns = 40) {
  const written: string[] = []
  let now = 0
  const progress = createProgress({ isTTY, columns, write: (text) => written.push(text) }, () => now)
  return { progress, text: () => written.join(''), advance: (ms: number) => { now += ms } }
}

it('prints plain lines with the task\'s name where there is no terminal', () => {
  const { progress, text, advance } = record(false)
  const task = progress.start('python')
  task.line('Step 1/2')
  advance(1_500)
  task.succeed('built')
  expect(text()).toBe('python | Step 1/2\npython | built (1.5 s)\n')
})

it('keeps one line for each task on a terminal and leaves one when it ends', () => {
  const { progress, text, advance } = record(true)
  const python = progress.start('python')
  const bun = progress.start('bun')
  advance(2_000)
  python.fail('failed')
  bun.succeed('built')
  const last = text().split('\x1b[1A\x1b[2K').at(-1)
  expect(last).toBe('✓ bun: built (2.0 s)\n')
  expect(text()).toContain('✗ python: failed (2.0 s)\n⠋ bun 2.0 s \n')
})

it.each([true, false])('lets no output move the cursor (terminal: %s)', (isTTY) => {
  const { progress, text } = record(isTTY)
  const task = progress.start('python')
  task.line('\x1b[2J\x1b]0;title\x07\bgone')
  task.succeed('\x1b[31mred\x1b[0m')
  for (const sequence of ['\x1b[2J', '\x1b[31m', '\x07', '\b']) expect(text()).not.toContain(sequence)
})

it('cuts a line that would wrap, because a wrapped one cannot be erased', () => {
  const { progress, text } = record(true, 20)
  progress.start('python').succeed('x'.repeat(100))
  expect(stripVTControlCharacters(text()).split('\n').every((line) => line.length < 20)).toBe(true)
})
