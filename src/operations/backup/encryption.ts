import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { OperationError } from '../errors.ts'

/** What every file of age's begins with (https://age-encryption.org/v1). */
const AGE = 'age-encryption.org/v1\n'

// It takes 60 ms to load, and only those who encrypt have a use for it.
const age = async () => await import('age-encryption')

/** A key pair: the identity opens what is encrypted to the recipient, which is no secret. */
export async function generateKeys (): Promise<{ identity: string, recipient: string }> {
  const { generateX25519Identity, identityToRecipient } = await age()
  const identity = await generateX25519Identity()
  return { identity, recipient: await identityToRecipient(identity) }
}

/** For whoever has the identity of one of the recipients. */
export async function encryptTo (recipients: readonly string[], bytes: Readable): Promise<Readable> {
  const { Encrypter } = await age()
  const encrypter = new Encrypter()
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient)
    } catch {
      throw new OperationError(`"${recipient}" is no recipient: it is what age-keygen, or berth backup-key, calls the public key, and begins with age1`)
    }
  }
  return fromWeb(await encrypter.encrypt(toWeb(bytes)))
}

export async function decryptWith (identity: string, bytes: Readable): Promise<Readable> {
  const { Decrypter } = await age()
  const decrypter = new Decrypter()
  // As age-keygen writes it, with the recipient as a comment above.
  const lines = identity.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  try {
    for (const line of lines) decrypter.addIdentity(line)
    return fromWeb(await decrypter.decrypt(toWeb(bytes)))
  } catch (error) {
    bytes.destroy()
    throw new OperationError('the identity does not open this archive: it was encrypted to another one', { cause: error })
  }
}

export async function isEncrypted (file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(AGE.length), 0, AGE.length, 0)
    return buffer.toString('latin1', 0, bytesRead) === AGE
  } finally {
    await handle.close()
  }
}

const toWeb = (bytes: Readable) => Readable.toWeb(bytes) as globalThis.ReadableStream<Uint8Array>
const fromWeb = (stream: globalThis.ReadableStream<Uint8Array>): Readable => Readable.fromWeb(stream as ReadableStream)
