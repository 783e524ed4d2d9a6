import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

/** A secret was sealed with a key that this server has not got, or has been changed since. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError'
}

export interface Seal {
  /** As bytes that only this key opens, and only as the value of this name. */
  readonly seal: (value: string, name: string) => Buffer
  /** Throws UnsealError. */
  readonly open: (sealed: Buffer, name: string) => string
  /** Begins everything that the present key has sealed. */
  readonly mark: Buffer
}

// version, key, nonce, tag, then the value
const VERSION = 1
const KEY_ID_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
const MARK_BYTES = 1 + KEY_ID_BYTES
const HEAD_BYTES = MARK_BYTES + NONCE_BYTES + TAG_BYTES

/** AES-256-GCM. Of several texts the first one seals, and all of them open, so that a key can be replaced. What is sealed for one purpose is nothing for another. */
export function createSeal (texts: readonly string[], purpose: string): Seal {
  const keys = texts.map((text) => {
    const key = Buffer.from(hkdfSync('sha256', text, '', purpose, 32))
    const id = createHash('sha256').update(key).digest().subarray(0, KEY_ID_BYTES)
    return { key, mark: Buffer.concat([Buffer.of(VERSION), id]) }
  })
  const [present] = keys
  if (present === undefined) throw new Error('there is no key to seal secrets with')

  return {
    mark: present.mark,
    seal (value, name) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', present.key, nonce).setAAD(Buffer.from(name))
      const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
      return Buffer.concat([present.mark, nonce, cipher.getAuthTag(), sealed])
    },
    open (sealed, name) {
      const found = keys.find(({ mark }) => sealed.subarray(0, MARK_BYTES).equals(mark))
      if (found === undefined || sealed.length < HEAD_BYTES) throw new UnsealError('it was sealed with a key that is none of these')
      const nonce = sealed.subarray(MARK_BYTES, MARK_BYTES + NONCE_BYTES)
      try {
        const decipher = createDecipheriv('aes-256-gcm', found.key, nonce)
          .setAAD(Buffer.from(name))
          .setAuthTag(sealed.subarray(MARK_BYTES + NONCE_BYTES, HEAD_BYTES))
        return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]).toString()
      } catch (cause) {
        throw new UnsealError('it is not as it was sealed', { cause })
      }
    }
  }
}
