import { describe, expect, it } from 'vitest'
import { planSignIn, type Known, type Rules } from '../../../src/auth/oidc/plan.ts'

interface Somebody { readonly passwordHash: string | null, readonly disabledAt: Date | null }

const withPassword: Somebody = { passwordHash: 'hash', disabledAt: null }
const without: Somebody = { passwordHash: null, disabledAt: null }
const disabled: Somebody = { passwordHash: null, disabledAt: new Date() }
const open: Rules = { isSignUpOpen: true, domains: undefined }
const closed: Rules = { isSignUpOpen: false, domains: undefined }
const school: Rules = { isSignUpOpen: true, domains: ['school.example'] }
const ada = { email: 'ada@example.org', role: undefined }
const pupil = { email: 'ada@school.example', role: undefined }
const known = (known: Partial<Known<Somebody>> = {}): Known<Somebody> => ({ linked: undefined, sameEmail: undefined, isOther: false, invited: undefined, ...known })

type Case = [name: string, ...Parameters<typeof planSignIn<Somebody>>, expected: object | string]

describe('who comes from the provider', () => {
  it.each<Case>([
    ['is who was here before, by their subject', ada, known({ linked: withPassword, sameEmail: without }), open, { kind: 'sign-in', user: withPassword }],
    ['is known also without an email', { ...ada, email: undefined }, known({ linked: without }), closed, { kind: 'sign-in', user: without }],
    ['is let in no more once disabled', ada, known({ linked: disabled }), open, 'ACCOUNT_DISABLED'],
    ['is let in no more from another domain, also when known', ada, known({ linked: without }), school, 'OIDC_DOMAIN'],
    ['is nobody without a verified email', { ...ada, email: undefined }, known(), open, 'OIDC_EMAIL_UNVERIFIED'],
    ['is of no domain without a verified email', { ...ada, email: undefined }, known(), school, 'OIDC_DOMAIN'],
    ['tells the password of an account that has one', ada, known({ sameEmail: withPassword }), open, { kind: 'connect', user: withPassword }],
    ['gets no disabled account by its email', ada, known({ sameEmail: { ...disabled, passwordHash: 'hash' } }), open, 'ACCOUNT_DISABLED'],
    ['brings an account along from another provider', ada, known({ sameEmail: without }), closed, { kind: 'link', user: without }],
    ['gets no account of somebody else who had the email at the same provider', ada, known({ sameEmail: without, isOther: true }), open, 'OIDC_EMAIL_TAKEN'],
    ['gets an account where signing up is open', ada, known(), open, { kind: 'create', email: 'ada@example.org', role: 'user' }],
    ['gets an account in an allowed domain', pupil, known(), school, { kind: 'create', email: 'ada@school.example', role: 'user' }],
    ['gets none in a domain below or above an allowed one', { ...ada, email: 'ada@evil.school.example' }, known(), school, 'OIDC_DOMAIN'],
    ['gets none where signing up is closed', ada, known(), closed, 'OIDC_NO_ACCOUNT'],
    ['gets the one that they were invited to', ada, known({ invited: 'admin' }), closed, { kind: 'create', email: 'ada@example.org', role: 'admin' }],
    ['is an administrator by their group, also where signing up is closed', { ...ada, role: 'admin' }, known(), closed, { kind: 'create', email: 'ada@example.org', role: 'admin' }],
    ['is a teacher by their invitation, in the group or not', { ...ada, role: 'user' }, known({ invited: 'teacher' }), closed, { kind: 'create', email: 'ada@example.org', role: 'teacher' }],
    ['is none outside of the group, whatever the invitation says', { ...ada, role: 'user' }, known({ invited: 'admin' }), closed, { kind: 'create', email: 'ada@example.org', role: 'user' }]
  ])('%s', (_name, claims, here, rules, expected) => {
    const plan = (): unknown => planSignIn(claims, here, rules)
    if (typeof expected === 'string') expect(plan).toThrow(expect.objectContaining({ code: expected }) as Error)
    else expect(plan()).toEqual(expected)
  })
})
