import { expect, it } from 'vitest'
import { createTitle } from '../../../src/web/terminal/title.ts'

it('keeps what a program has set when the project\'s name comes later', () => {
  const shown: string[] = []
  const title = createTitle((text) => shown.push(text))
  title.ofProgram('vim')
  title.ofProject('My project')
  title.ofProgram('')
  title.ofProgram('top')
  expect(shown).toEqual(['vim', 'vim', 'My project', 'top'])
})
