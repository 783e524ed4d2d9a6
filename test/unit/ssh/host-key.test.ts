import ssh2 from 'ssh2'
import { expect, it } from 'vitest'
import { parsePublicKey } from '../../../src/auth/ssh-keys/public-key.ts'
import { generateKeyPair } from '../../../src/projects/ssh/host-key.ts'

it('every key pair that is made can be read again, also one in 256 whose public key begins with a zero', () => {
  for (let count = 0; count < 2_000; count++) {
    const pair = generateKeyPair()
    const key = ssh2.utils.parseKey(pair.private)
    expect(key).not.toBeInstanceOf(Error)
    expect(parsePublicKey(pair.public).type).toBe('ssh-ed25519')
  }
})
