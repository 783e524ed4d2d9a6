import Type, { type Static } from 'typebox'
import { userRoles } from '../../db/schema/index.ts'
import { closed, Instant, Nullable, pageQuery, Printable } from '../../lib/schemas.ts'
import { EmailSchema, NameSchema, userProperties } from '../accounts/schemas.ts'

export const ListUsersQuerySchema = Type.Object({
  ...pageQuery,
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 100, ...Printable, description: 'what is in the email or the name' }))
}, closed)

const KnownUserSchema = Type.Object({ ...userProperties, disabledAt: Nullable(Instant) }, closed)
export type KnownUser = Static<typeof KnownUserSchema>

export const KnownUserAnswerSchema = Type.Object({ user: KnownUserSchema }, closed)
export const UsersSchema = Type.Object({ users: Type.Array(KnownUserSchema), nextCursor: Nullable(Type.String()) }, closed)

export const ChangeUserBodySchema = Type.Object({
  name: Type.Optional(Nullable(NameSchema)),
  role: Type.Optional(Type.Enum([...userRoles])),
  disabled: Type.Optional(Type.Boolean({ description: 'a disabled account cannot sign in, its keys are not taken and its projects are stopped' }))
}, { ...closed, minProperties: 1 })
export type ChangeUserBody = Static<typeof ChangeUserBodySchema>

export const InviteBodySchema = Type.Object({
  email: Type.Optional(EmailSchema),
  role: Type.Optional(Type.Enum([...userRoles], { default: 'user' }))
}, closed)
export type InviteBody = Static<typeof InviteBodySchema>

const invitationProperties = {
  id: Type.String({ format: 'uuid' }),
  email: Type.Union([Type.String(), Type.Null()], { description: 'whom it is for alone' }),
  role: Type.Enum([...userRoles]),
  createdAt: Instant,
  expiresAt: Instant
}
const link = Type.String({ description: 'works once, and is shown this once' })

const InvitationSchema = Type.Object(invitationProperties, closed)
export type ShownInvitation = Static<typeof InvitationSchema>

export const InvitationsSchema = Type.Object({ invitations: Type.Array(InvitationSchema), nextCursor: Nullable(Type.String()) }, closed)
export const NewInvitationSchema = Type.Object({ ...invitationProperties, link, mailed: Type.Boolean({ description: 'whether the mail server has taken it; if not, hand the link over yourself' }) }, closed)
export const ResetLinkSchema = Type.Object({ link, expiresAt: Instant }, closed)
