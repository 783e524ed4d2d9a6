import { text } from 'node:stream/consumers'
import { describe } from './stats.mjs'

const values = (await text(process.stdin)).trim().split('\n').map(Number)
console.log(describe(values))
