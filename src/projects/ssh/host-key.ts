import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import ssh2, { type ParsedKey } from 'ssh2'
import { ConfigError } from '../../config.ts'
import type { Database } from '../../db/open.ts'
import { settings } from '../../db/schema/settings.ts'
import { UnsealError, type Seal } from '../../lib/seal.ts'

export interface HostKey {
  readonly key: ParsedKey
  readonly type: string
  /** As clients show it. */
  readonly fingerprint: string
}

const NAME = 'ssh_host_key'

/** The library makes one in 256 that nobody can read: it cuts off a public key's first byte where that is 0. */
export function generateKeyPair (comment = ''): { readonly public: string, readonly private: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment })
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair
  }
}

/**
 * What clients know this server by: made once for the database, so that all servers on it, and each after a restart, are the
 * same to them. Throws ConfigError where it was sealed with a key that is not given any more.
 */
export async function loadHostKey (db: Database, seal: Seal): Promise<HostKey> {
  const sealed = (text: string): string => seal.seal(text, NAME).toString('base64')
  await db.insert(settings).values({ name: NAME, value: sealed(generateKeyPair().private) }).onConflictDoNothing()
  const [row] = await db.select().from(settings).where(eq(settings.name, NAME))
  const stored = Buffer.from(row?.value ?? '', 'base64')
  const text = open(seal, stored)
  if (!stored.subarray(0, seal.mark.length).equals(seal.mark)) await db.update(settings).set({ value: sealed(text) }).where(eq(settings.name, NAME))
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) throw key
  const digest = createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')
  return { key, type: key.type, fingerprint: `SHA256:${digest}` }
}

function open (seal: Seal, stored: Buffer): string {
  try {
    return seal.open(stored, NAME)
  } catch (error) {
    if (!(error instanceof UnsealError)) throw error
    throw Object.assign(new ConfigError('The host key of SSH was sealed with a SECRETS_KEY that is not given any more. Give that one too, behind the present one, or leave SSH_PORT out'), { cause: error })
  }
}
