import { createHash, createPublicKey } from 'node:crypto'
import ssh2 from 'ssh2'
import { errors } from '../../errors.ts'

export interface PublicKey {
  readonly type: string
  /** Its comment, which mostly says whose and of which machine it is. */
  readonly comment: string
  readonly fingerprint: Buffer
}

const keyTypes = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'] as const

const RSA_BITS = { least: 2048, most: 16_384 }
const KNOWN = keyTypes.join(', ')

/** What stands for a key: as OpenSSH shows it, `SHA256:` and this in base64. */
export function fingerprintOf (blob: Buffer): Buffer {
  return createHash('sha256').update(blob).digest()
}

export function showFingerprint (fingerprint: Buffer): string {
  return `SHA256:${fingerprint.toString('base64').replace(/=+$/, '')}`
}

/** A line as it is in a file that ends in `.pub`. Throws BAD_SSH_KEY. */
export function parsePublicKey (text: string): PublicKey {
  const line = text.trim()
  if (/PRIVATE KEY|^PuTTY-User-Key-File/.test(line)) throw new errors.BAD_SSH_KEY('is a private key, which nobody else may see. Consider it known by now, make another one, and send the line of the file that ends in .pub')
  if (line.startsWith('---- BEGIN SSH2')) throw new errors.BAD_SSH_KEY('has another form than OpenSSH\'s: ssh-keygen -i -f <file> converts it')
  if (/[\r\n]/.test(line)) throw new errors.BAD_SSH_KEY('has several lines. Send one key at a time, as one line')
  const [type = '', encoded = '', ...comment] = line.split(/[ \t]+/)
  if (!isKeyType(type)) throw new errors.BAD_SSH_KEY(problemOf(line, type))
  const blob = Buffer.from(encoded, 'base64')
  // Buffer.from skips what is not base64.
  if (blob.length === 0 || blob.toString('base64') !== encoded) throw new errors.BAD_SSH_KEY('is not whole: its second word is no base64')
  checkBlob(type, encoded, blob)
  return { type, comment: comment.join(' '), fingerprint: fingerprintOf(blob) }
}

function isKeyType (type: string): type is typeof keyTypes[number] {
  return (keyTypes as readonly string[]).includes(type)
}

function problemOf (line: string, type: string): string {
  if (type.includes('-cert-v')) return 'is a certificate. Send the public key that it is for'
  if (type === 'ssh-dss' || type.startsWith('sk-')) return `is of the type ${type}. Known types: ${KNOWN}`
  return keyTypes.some((known) => line.includes(` ${known} `))
    ? 'has options in front, which do not apply here. Begin with its type'
    : `does not begin with a type. Known types: ${KNOWN}`
}

/** That it is such a key, and only that: what follows it would make another fingerprint of the same key. */
function checkBlob (type: string, encoded: string, blob: Buffer): void {
  const key = ssh2.utils.parseKey(`${type} ${encoded}`)
  if (key instanceof Error || key.type !== type || !key.getPublicSSH().equals(blob)) throw new errors.BAD_SSH_KEY(`is not whole, or no ${type}`)
  let details
  try {
    details = createPublicKey(key.getPublicPEM()).asymmetricKeyDetails
  } catch (cause) {
    throw Object.assign(new errors.BAD_SSH_KEY(`is no ${type} that can be`), { cause })
  }
  const { modulusLength: bits } = details ?? {}
  if (bits !== undefined && (bits < RSA_BITS.least || bits > RSA_BITS.most)) throw new errors.BAD_SSH_KEY(`has ${bits} bits. RSA needs ${RSA_BITS.least} to ${RSA_BITS.most}; better is ssh-keygen -t ed25519`)
}
