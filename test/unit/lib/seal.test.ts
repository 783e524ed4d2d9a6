import { describe, expect, it } from 'vitest'
import { createSeal, UnsealError } from '../../../src/lib/seal.ts'

const [OLD, NEW] = ['o'.repeat(32), 'n'.repeat(32)]
const NAME = 'project/TOKEN'

describe('a seal', () => {
  it.each(['', 'secret', 'grün 🔑', 'x'.repeat(32_768), '\u0000\n'])('opens what it has sealed: %j', (value) => {
    const seal = createSeal([OLD], 'a test')
    const sealed = seal.seal(value, NAME)
    expect(seal.open(sealed, NAME)).toBe(value)
    if (value !== '') expect(sealed.includes(value)).toBe(false)
  })

  it('is another one each time', () => {
    const seal = createSeal([OLD], 'a test')
    expect(seal.seal('same', NAME).equals(seal.seal('same', NAME))).toBe(false)
  })

  it('opens what an older key has sealed, and seals with the first', () => {
    const [old, both, young] = [createSeal([OLD], 'a test'), createSeal([NEW, OLD], 'a test'), createSeal([NEW], 'a test')]
    const sealed = old.seal('secret', NAME)
    expect(both.open(sealed, NAME)).toBe('secret')
    expect(young.open(both.seal('secret', NAME), NAME)).toBe('secret')
    expect(() => young.open(sealed, NAME)).toThrow(/none of these/)
    expect([sealed.subarray(0, old.mark.length).equals(old.mark), old.mark.equals(both.mark), young.mark.equals(both.mark)]).toEqual([true, false, true])
  })

  it('is for one name of one project alone, and breaks with any bit', () => {
    const seal = createSeal([OLD], 'a test')
    const sealed = seal.seal('secret', NAME)
    expect(() => seal.open(sealed, 'project/OTHER')).toThrow(UnsealError)
    expect(() => seal.open(sealed, 'other/TOKEN')).toThrow(UnsealError)
    for (let byte = 0; byte < sealed.length; byte++) {
      const broken = Buffer.from(sealed)
      broken[byte] = (broken[byte] ?? 0) ^ 1
      expect(() => seal.open(broken, NAME)).toThrow(UnsealError)
    }
    for (let length = 0; length < sealed.length; length++) expect(() => seal.open(sealed.subarray(0, length), NAME)).toThrow(UnsealError)
  })
})
