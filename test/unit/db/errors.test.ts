import { DrizzleQueryError } from 'drizzle-orm/errors'
import { describe, expect, it } from 'vitest'
import { isDatabaseUnavailable, violatedConstraint } from '../../../src/db/errors.ts'

const postgresError = (code: string, more: object = {}): Error => Object.assign(new Error('refused'), { name: 'PostgresError', code, ...more })
const socketError = (more: object): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect', ...more })
const inQuery = (cause: Error): Error => new DrizzleQueryError('select $1', ['secret'], cause)

describe('a database error', () => {
  it.each<[string, unknown, boolean]>([
    ['a refused connection of the driver', socketError({ query: 'begin' }), true],
    ['the same in a query of drizzle', inQuery(socketError({ query: 'select 1' })), true],
    ['a refused connection of somebody else', socketError({}), false],
    ['a connection that was lost', inQuery(Object.assign(new Error(), { code: 'CONNECTION_CLOSED' })), true],
    ['a server that shuts down', inQuery(postgresError('57P01')), true],
    ['a server that starts up', inQuery(postgresError('57P03')), true],
    ['too many connections', inQuery(postgresError('53300')), true],
    ['a statement that took too long', inQuery(postgresError('57014')), true],
    ['a broken constraint', inQuery(postgresError('23505')), false],
    ['a wrong query', inQuery(postgresError('42601')), false],
    ['another error', new Error('CONNECTION_CLOSED'), false],
    ['nothing', undefined, false]
  ])('%s: unavailable is %s', (_name, error, isUnavailable) => {
    expect(isDatabaseUnavailable(error)).toBe(isUnavailable)
  })

  it('names the constraint that was broken', () => {
    expect(violatedConstraint(inQuery(postgresError('23505', { constraint_name: 'users_email' })))).toBe('users_email')
    expect(violatedConstraint(inQuery(postgresError('57P01')))).toBe(undefined)
    expect(violatedConstraint(new Error('users_email'))).toBe(undefined)
  })
})
