import ssh2 from 'ssh2'

/** A new key, as the files of OpenSSH have it. */
export function makeSshKeyPair (): { readonly public: string, readonly private: string } {
  return ssh2.utils.generateKeyPairSync('ed25519', { comment: 'test' })
}

/** Of somebody who shall not sign in with it. */
export const makeSshKey = (): string => makeSshKeyPair().public
