import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { streamJson } from '../../../src/lib/json-stream.ts'

describe('JSON in pieces', () => {
  it.each<[string, unknown]>([
    ['an answer', { output: 'x', exitCode: 0, signal: null, truncated: { output: false }, artifacts: [], warnings: ['a', 'b'], left: undefined }],
    ['long strings', { output: 'ab"\\\n'.repeat(50_000), error: '\u0001'.repeat(200_000) }],
    ['pairs of surrogates at the seams', [`x${'😀'.repeat(100_000)}`, '😀'.repeat(100_000)]],
    ['what is empty', [{}, [], '', null]]
  ])('is read as what was written: %s', async (_name, value) => {
    expect(JSON.parse(await text(streamJson(value)))).toEqual(JSON.parse(JSON.stringify(value)))
  })

  it('lets others have their turn while it is written', async () => {
    let turns = 0
    const timer = setInterval(() => { turns++ }, 0)
    await text(streamJson('\u0001'.repeat(16 * 1024 ** 2)))
    clearInterval(timer)
    expect(turns).toBeGreaterThan(50)
  })
})
