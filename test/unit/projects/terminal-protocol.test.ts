import { describe, expect, it } from 'vitest'
import { closeCodeOf } from '../../../src/sockets/close-code.ts'
import { parseClientMessage } from '../../../src/projects/processes/sockets/client-message.ts'
import { errors } from '../../../src/errors.ts'
import { describeError } from '../../../src/http/describe-error.ts'

describe('a client’s message', () => {
  it.each([
    { type: 'resize', cols: 1, rows: 1000 },
    { type: 'ack', bytes: 0 },
    { type: 'ack', bytes: Number.MAX_SAFE_INTEGER }
  ])('%j is understood', (message) => {
    expect(parseClientMessage(Buffer.from(JSON.stringify(message)))).toEqual(message)
  })

  it.each([
    '', '{', 'null', '[]', '"ping"', '{"type":"pong"}', '{"type":"ping","extra":1}', '{"type":"ack"}', '{"type":"ack","bytes":1.5}', '{"type":"ack","bytes":"1"}',
    '{"type":"ack","bytes":-1}', '{"type":"resize","cols":0,"rows":1}', '{"type":"resize","cols":80,"rows":1001}', '{"type":"resize","cols":80}',
    `{"type":"ping"${' '.repeat(2000)}}`
  ])('%j is not', (text) => {
    expect(parseClientMessage(Buffer.from(text))).toBeUndefined()
  })
})

describe('a close code', () => {
  it.each([
    [new errors.UNAUTHENTICATED(), 4401],
    [new errors.PROJECT_NOT_FOUND(), 4404],
    [new errors.TERMINAL_NOT_FOUND(), 4404],
    [new errors.PROJECT_STOPPED(), 4409],
    [new errors.PROJECT_START_FAILED('no'), 4409],
    [new errors.TERMINAL_START_FAILED('no shell'), 4409],
    [new errors.TERMINAL_QUOTA('You', 3), 1013],
    [new errors.PROJECT_BUSY(), 1013],
    [new errors.LANGUAGE_NOT_READY('python', ''), 1013],
    [new errors.ENGINE_UNAVAILABLE(), 1013],
    [new errors.SHUTTING_DOWN(), 1013],
    [new errors.BAD_CONTROL(), 1008],
    [new errors.ORIGIN_NOT_ALLOWED(), 1008],
    [new TypeError('a bug'), 1011]
  ])('of %s is %i', (error, code) => {
    expect(closeCodeOf(describeError(error))).toBe(code)
  })
})
