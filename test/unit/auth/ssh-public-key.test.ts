import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parsePublicKey, showFingerprint } from '../../../src/auth/ssh-keys/public-key.ts'

let directory: string
beforeAll(() => { directory = mkdtempSync(path.join(tmpdir(), 'berth-keys-')) })
afterAll(() => rmSync(directory, { recursive: true }))

function makeKey (name: string, ...options: string[]): string {
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'ada@example', '-f', path.join(directory, name), ...options])
  return readFileSync(path.join(directory, `${name}.pub`), 'utf8')
}

const problem = (text: string): string => {
  try {
    return JSON.stringify(parsePublicKey(text))
  } catch (error) {
    return (error as Error).message
  }
}

/** One field of a key's binary form. */
const field = (bytes: Buffer | string): Buffer => {
  const content = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}
const line = (type: string, ...fields: Array<Buffer | string>): string => `${type} ${Buffer.concat([field(type), ...fields.map(field)]).toString('base64')}`

describe('a public key', () => {
  it.each([
    ['ed25519', 'ssh-ed25519', []],
    ['ecdsa-256', 'ecdsa-sha2-nistp256', ['-t', 'ecdsa', '-b', '256']],
    ['ecdsa-384', 'ecdsa-sha2-nistp384', ['-t', 'ecdsa', '-b', '384']],
    ['ecdsa-521', 'ecdsa-sha2-nistp521', ['-t', 'ecdsa', '-b', '521']],
    ['rsa', 'ssh-rsa', ['-t', 'rsa', '-b', '2048']]
  ])('%s is known by the fingerprint that ssh-keygen shows', (name, type, options) => {
    const text = makeKey(name, '-t', 'ed25519', ...options)
    const key = parsePublicKey(text)
    expect(key).toMatchObject({ type, comment: 'ada@example' })
    expect(execFileSync('ssh-keygen', ['-l', '-f', path.join(directory, `${name}.pub`)], { encoding: 'utf8' })).toContain(` ${showFingerprint(key.fingerprint)} `)
  })

  it('may be without a comment, and have spaces in one', () => {
    const [type, encoded] = makeKey('comments', '-t', 'ed25519').split(' ')
    expect(parsePublicKey(`${type} ${encoded}`).comment).toBe('')
    expect(parsePublicKey(`  ${type}\t${encoded}  my laptop \r\n`).comment).toBe('my laptop')
  })

  it('is refused with the reason where it is none, or none that is taken', () => {
    const good = makeKey('good', '-t', 'ed25519').trim()
    const [, encoded = ''] = good.split(' ')
    const bytes = Buffer.from(encoded, 'base64')
    expect(problem(readFileSync(path.join(directory, 'good'), 'utf8'))).toContain('is a private key')
    expect(problem('PuTTY-User-Key-File-3: ssh-ed25519\n…')).toContain('is a private key')
    expect(problem('---- BEGIN SSH2 PUBLIC KEY ----\nAAAA')).toContain('ssh-keygen -i')
    expect(problem(`${good}\n${good}`)).toContain('several lines')
    expect(problem(`no-pty,command="ls -l" ${good}`)).toContain('options in front')
    expect(problem('ssh-dss AAAA')).toContain('Known types: ssh-ed25519')
    expect(problem('sk-ssh-ed25519@openssh.com AAAA')).toContain('Known types')
    expect(problem('ssh-ed25519-cert-v01@openssh.com AAAA')).toContain('certificate')
    expect(problem('hello')).toContain('does not begin with a type')
    expect(problem(' ')).toContain('does not begin with a type')
    expect(problem('ssh-ed25519')).toContain('no base64')
    expect(problem(`ssh-ed25519 ${encoded}!`)).toContain('no base64')
    expect(problem(`ssh-ed25519 ${bytes.subarray(0, 40).toString('base64')}`)).toContain('is not whole')
    expect(problem(`ssh-ed25519 ${Buffer.concat([bytes, Buffer.from('more')]).toString('base64')}`)).toContain('is not whole')
    expect(problem(`ssh-rsa ${encoded}`)).toContain('is not whole')
  })

  it('has to be a point on its curve', () => {
    expect(problem(line('ecdsa-sha2-nistp256', 'nistp256', Buffer.concat([Buffer.of(4), Buffer.alloc(64, 7)])))).toContain('ecdsa-sha2-nistp256')
  })

  it('of RSA needs 2048 bits', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
    const positive = (number: string): Buffer => Buffer.concat([Buffer.of(0), Buffer.from(number, 'base64url')])
    expect(problem(line('ssh-rsa', Buffer.from(e, 'base64url'), positive(n)))).toContain('has 1024 bits')
  })
})
