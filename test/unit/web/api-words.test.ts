import { describe, expect, it } from 'vitest'
import { errors } from '../../../src/errors.ts'
import { wordsFor } from '../../../src/web/words.ts'

const TECHNICAL = /\b(?:GET|POST|PUT|PATCH|DELETE) [/…]|X-API-Key|must match pattern|\b[A-Z]+_[A-Z]+\b|": true/

describe('what a page says of a refusal', () => {
  it.each(Object.entries(errors))('is no talk of the API: %s', (code, create) => {
    const Refusal = create as new (...values: string[]) => Error
    const { message } = new Refusal('one', 'two', 'three')
    const words = wordsFor(code, message)
    expect(words).not.toMatch(TECHNICAL)
    expect(words.length).toBeGreaterThan(5)
  })

  it.each([
    ['PROJECT_NOT_FOUND', 'There is no such project. GET /projects lists yours', 'There is no such project.'],
    ['X', 'Take another name', 'Take another name'],
    ['X', 'GET /docs lists them', 'The server has refused this.'],
    ['VALIDATION_FAILED', 'body.name must match pattern "\\S"', 'What was filled in cannot be taken. Check it, and try again.']
  ])('%s: %j is %j', (code, message, expected) => expect(wordsFor(code, message)).toBe(expected))
})
