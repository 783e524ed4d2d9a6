import { DrizzleQueryError } from 'drizzle-orm/errors'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { isDatabaseUnavailable, violatedConstraint } from '../../../src/db/errors.ts'

const postgresError = (code: string, more: object = {}): Error => Object.assign(new pg.DatabaseError('refused', 7, 'error'), { code, ...more })
const socketError = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })
const inQuery = (cause: Error): Error => new DrizzleQueryError('select $1', ['secret'], cause)

describe('a database error', () => {
  it.each<[string, unknown, boolean]>([
    ['a refused connection of the driver', inQuery(socketError()), true],
    ['one to all addresses of a name', inQuery(new AggregateError([socketError(), socketError()])), true],
    ['a refused connection of somebody else', socketError(), false],
    ['a connection that was lost', inQuery(new Error('Connection terminated unexpectedly')), true],
    ['one that was lost before', inQuery(new Error('Client has encountered a connection error and is not queryable')), true],
    ['a connection that is not to be had', inQuery(new Error('timeout exceeded when trying to connect')), true],
    ['a server that shuts down', inQuery(postgresError('57P01')), true],
    ['a server that starts up', inQuery(postgresError('57P03')), true],
    ['too many connections', inQuery(postgresError('53300')), true],
    ['a statement that took too long', inQuery(postgresError('57014')), true],
    ['a broken constraint', inQuery(postgresError('23505')), false],
    ['a wrong query', inQuery(postgresError('42601')), false],
    ['another error', new Error('No connection terminated'), false],
    ['nothing', undefined, false]
  ])('%s: unavailable is %s', (_name, error, isUnavailable) => {
    expect(isDatabaseUnavailable(error)).toBe(isUnavailable)
  })

  it('names the constraint that was broken', () => {
    expect(violatedConstraint(inQuery(postgresError('23505', { constraint: 'users_email' })))).toBe('users_email')
    expect(violatedConstraint(inQuery(postgresError('57P01')))).toBe(undefined)
    expect(violatedConstraint(new Error('users_email'))).toBe(undefined)
  })
})
