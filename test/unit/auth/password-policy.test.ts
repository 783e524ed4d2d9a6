import { describe, expect, it, vi } from 'vitest'
import { isCommonPassword } from '../../../src/auth/password/policy.ts'

/** How many characters are looked through or made meanwhile. */
function countCharacters (work: () => void): number {
  let characters = 0
  for (const method of ['replaceAll', 'replace', 'repeat', 'startsWith', 'normalize'] as const) {
    const original = String.prototype[method] as (...args: unknown[]) => unknown
    vi.spyOn(String.prototype, method).mockImplementation(function (this: string, ...args: unknown[]) {
      const result = original.apply(this, args)
      characters += typeof result === 'string' ? Math.max(this.length, result.length) : this.length
      return result as never
    })
  }
  work()
  vi.restoreAllMocks()
  return characters
}

describe('a password', () => {
  it.each([
    'password123', 'Password123!', 'P@ssw0rd123', 'passwordpassword', '1234567890', '0987654321', 'qwertyuiop', 'qwerty123456',
    '1qaz2wsx3edc', 'aaaaaaaaaa', 'abababababab', 'abcdefghij', 'letmein12345', 'iloveyou2024', 'welcome2berth', 'Summer2024!!',
    'administrator', 'football123', 'changeme!!', 'michael1987', '          ', 'adminadmin1', 'lovelace1815'
  ])('%s is among the first that somebody would try', (password) => {
    expect(isCommonPassword(password, 'ada.lovelace@example.org')).toBe(true)
  })

  it.each([
    'violet harbour under snow', 'x7#kQ!m2Zp', 'correct horse battery staple', 'lovelace wrote the first program', 'пароль на русском', '密碼很長而且不常見的一個', 'tk4-93-nnp-rq'
  ])('%s is not', (password) => {
    expect(isCommonPassword(password, 'ada.lovelace@example.org')).toBe(false)
  })

  it.each(['a1', 'qwert', 'passwor', '4$@!'])('takes no more than its length to judge, also one of %s, made to be slow', (unit) => {
    const work = (length: number): number => countCharacters(() => isCommonPassword(unit.repeat(length).slice(0, length - 1) + 'x', 'ada@example.org'))
    expect(work(100)).toBeGreaterThan(100)
    expect(work(200) / work(100)).toBeLessThan(2.5)
  })
})
