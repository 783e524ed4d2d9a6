import Type, { type Static } from 'typebox'
import { closed, Instant, Nullable, pageQuery, Printable } from '../../lib/schemas.ts'

export const CreateSshKeyBodySchema = Type.Object({
  key: Type.String({ minLength: 1, maxLength: 16_384, description: 'a line as in ~/.ssh/id_ed25519.pub: ssh-ed25519, ecdsa-sha2-nistp256, -384, -521, or ssh-rsa with 2048 bits or more' }),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 100, ...Printable, description: 'default the key\'s comment' }))
}, closed)
export type CreateSshKeyBody = Static<typeof CreateSshKeyBodySchema>

export const SshKeySchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  type: Type.String(),
  fingerprint: Type.String({ description: 'as ssh-keygen -l shows it' }),
  createdAt: Instant,
  lastUsedAt: Nullable(Instant)
}, closed)
export type SshKey = Static<typeof SshKeySchema>

export const ListSshKeysQuerySchema = Type.Object(pageQuery, closed)
export const SshKeysSchema = Type.Object({ sshKeys: Type.Array(SshKeySchema), nextCursor: Nullable(Type.String()) }, closed)
