import { generateKeyPair } from '../../src/projects/ssh/host-key.ts'

/** A new key, as the files of OpenSSH have it. */
export function makeSshKeyPair (): { readonly public: string, readonly private: string } {
  return generateKeyPair('test')
}

/** Of somebody who shall not sign in with it. */
export const makeSshKey = (): string => makeSshKeyPair().public
