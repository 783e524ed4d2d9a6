import { describe, expect, it } from 'vitest'
import { isCommonPassword } from '../../../src/auth/password/policy.ts'

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

  it('of 200 characters is judged at once, also one made to be slow', () => {
    const start = performance.now()
    for (const unit of ['a1', 'qwert', 'passwor', '4$@!']) isCommonPassword(unit.repeat(100).slice(0, 199) + 'x', 'ada@example.org')
    expect(performance.now() - start).toBeLessThan(200)
  })
})
