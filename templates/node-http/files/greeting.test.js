const assert = require('node:assert')
const test = require('node:test')
const { greeting } = require('./greeting.js')

test('names the path', () => assert.equal(greeting('/here'), 'Hello from /here\n'))
