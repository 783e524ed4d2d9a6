import { EventEmitter } from 'node:events'
import ssh2, { type AuthContext, type Connection, type ParsedKey } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { makeSshKeyPair } from '../../support/ssh-key.ts'
import { createSignIn, type SignInOptions } from '../../../src/projects/ssh/sign-in.ts'
import type { AuditEvent } from '../../../src/plugins/audit.ts'

const parse = (text: string): ParsedKey => ssh2.utils.parseKey(text) as ParsedKey
const ada = parse(makeSshKeyPair().private)
const rsa = parse(ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).private)
const eve = parse(makeSshKeyPair().private)
const blob = Buffer.from('what is signed')

interface Asked { method?: string, username?: string, key?: ParsedKey, signature?: Buffer, hashAlgo?: string }

/** What a client is told, one request after the other. */
function ask () {
  const told: string[] = []
  const events: AuditEvent[] = []
  const client = Object.assign(new EventEmitter(), { end: () => told.push('ended') })
  const known = [ada, rsa].map((key) => key.getPublicSSH())
  const options: SignInOptions = {
    auth: {
      bySshKey: async (key) => known.some((other) => other.equals(key)) ? { userId: 'ada', role: 'user', via: 'ssh', sshKeyId: 'key', expiresAt: null } : undefined,
      noteUse: () => told.push('noted'),
      countUser: async () => undefined
    },
    findProject: async (_userId, name) => name === 'project' ? { id: 'project' } as Awaited<ReturnType<SignInOptions['findProject']>> : undefined,
    audit: (event) => events.push(event),
    log: { info: () => undefined }
  }
  const guest = createSignIn(options)(client as unknown as Connection, '192.0.2.1')
  void guest.then(() => told.push('let in'))
  return {
    told,
    events,
    request: async ({ method = 'publickey', username = 'project', key = ada, ...more }: Asked): Promise<string | undefined> => {
      const context = { method, username, key: { algo: key.type, data: key.getPublicSSH() }, blob, accept: () => told.push('accepted'), reject: () => told.push('rejected'), ...more }
      const before = told.length
      client.emit('authentication', context as unknown as AuthContext)
      await expect.poll(() => told.length).toBeGreaterThan(before)
      return told.at(-1)
    }
  }
}

describe('a sign-in', () => {
  it('is for whoever signs with a key that is known, and names a project of theirs', async () => {
    const { request, told, events } = ask()
    expect(await request({})).toBe('accepted')
    expect(await request({ signature: ada.sign(blob) })).toBe('let in')
    expect(told).toEqual(['accepted', 'noted', 'let in'])
    expect(events).toMatchObject([{ action: 'user.ssh-sign-in', userId: 'ada', subject: 'project', ip: '192.0.2.1' }])
  })

  it.each<[string, Asked]>([
    ['no key', { method: 'none' }], ['a password', { method: 'password' }], ['a host\'s word', { method: 'hostbased' }], ['a dialogue', { method: 'keyboard-interactive' }],
    ['an unknown key', { key: eve }], ['the signature of an unknown key', { key: eve, signature: eve.sign(blob) }],
    ['another\'s signature', { signature: eve.sign(blob) }], ['a signature of something else', { signature: ada.sign(Buffer.from('else')) }], ['an empty signature', { signature: Buffer.alloc(0) }],
    ['a signature with SHA-1', { key: rsa, signature: rsa.sign(blob, 'sha1') }], ['one said to be with another hash', { key: rsa, signature: rsa.sign(blob, 'sha1'), hashAlgo: 'sha256' }],
    ['no project of theirs', { username: 'another', signature: ada.sign(blob) }]
  ])('is refused with %s', async (_what, asked) => {
    const { request } = ask()
    expect(await request(asked)).toBe('rejected')
  })

  it('takes the hashes that RSA is signed with today', async () => {
    for (const hashAlgo of ['sha256', 'sha512']) expect(await ask().request({ key: rsa, signature: rsa.sign(blob, hashAlgo), hashAlgo })).toBe('let in')
  })

  it('says of a project only to whoever has signed that there is none', async () => {
    const { request, events } = ask()
    expect(await request({ username: 'another' })).toBe('accepted')
    expect(events).toEqual([])
    await request({ username: 'another', signature: ada.sign(blob) })
    await request({ key: eve, signature: eve.sign(blob) })
    expect(events).toMatchObject([{ action: 'user.ssh-sign-in-failed', userId: 'ada' }, { action: 'user.ssh-sign-in-failed', userId: null }])
  })

  it('is not tried for ever', async () => {
    const { request, told } = ask()
    for (let n = 0; n < 20; n++) await request({ key: eve })
    expect(told).not.toContain('ended')
    expect(await request({ key: eve })).toBe('ended')
  })
})
