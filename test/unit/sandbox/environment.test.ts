import { expect, it } from 'vitest'
import { parseEnvironment } from '../../../src/sandbox/environment.ts'

it('a container\'s environment is read as the Engine tells it, with a PATH where it has none', () => {
  expect(parseEnvironment(['A=theirs', 'B=x=y', 'EMPTY='])).toEqual({ PATH: expect.stringContaining('/usr/bin'), A: 'theirs', B: 'x=y', EMPTY: '' })
  expect(parseEnvironment(['PATH=/opt'])).toEqual({ PATH: '/opt' })
})
