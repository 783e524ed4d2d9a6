import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/client/rest/error.ts'
import { fromLocalTime, toLocalTime } from '../../../src/web/pages/classes/assignment.ts'
import { fieldProblemsOf } from '../../../src/web/words.ts'

const refusal = (code: string, message: string, details?: ApiError['details']): ApiError => new ApiError({ status: 400, code, message, details })

describe('what is refused of single fields', () => {
  it('is what the API says of each', () => {
    const error = refusal('VALIDATION_FAILED', 'The request is not valid', [{ field: 'name', message: 'must be without control characters' }, { field: 'cpus', message: 'must be >= 0.1' }])
    expect(fieldProblemsOf(error)).toEqual([{ field: 'name', message: 'Must be without control characters.' }, { field: 'cpus', message: 'Must be >= 0.1.' }])
  })

  it('is a limit by its name, with bytes as people count them', () => {
    const error = refusal('BAD_LIMIT', 'memory is outside what this server allows: at most 1073741824 bytes')
    expect(fieldProblemsOf(error)).toEqual([{ field: 'memory', message: 'memory is outside what this server allows: at most 1024 MB' }])
  })

  it('is told by its code where a form says so, and is nobody\'s else', () => {
    const error = refusal('PROCESS_EXISTS', 'There is one already')
    expect(fieldProblemsOf(error, { PROCESS_EXISTS: 'name' })).toEqual([{ field: 'name', message: 'There is one already' }])
    expect(fieldProblemsOf(error)).toEqual([])
    expect(fieldProblemsOf(new Error('something else'), { UNKNOWN: 'name' })).toEqual([])
  })
})

describe('when something is due', () => {
  it('is the same after it was shown in a field, to the minute', () => {
    for (const instant of ['2026-03-29T00:30:00.000Z', '2026-07-01T12:00:00.000Z', '2026-12-31T23:59:00.000Z']) expect(fromLocalTime(toLocalTime(instant))).toBe(instant)
  })

  it('is nothing in an empty field', () => {
    expect([fromLocalTime(''), fromLocalTime(undefined), toLocalTime(null)]).toEqual([undefined, undefined, ''])
  })
})
