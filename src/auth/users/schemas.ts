import Type, { type Static } from 'typebox'
import { userRoles } from '../../db/schema/index.ts'
import { EmailSchema } from '../../lib/email.ts'
import { closed, Instant, Nullable, pageQuery, Printable } from '../../lib/schemas.ts'
import { NameSchema, userProperties } from '../accounts/schemas.ts'

export const DeleteUserQuerySchema = Type.Object({
  withShared: Type.Optional(Type.Boolean({ default: false, description: 'also its projects in which others work' }))
}, closed)

export const ListUsersQuerySchema = Type.Object({
  ...pageQuery,
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 100, ...Printable, description: 'what is in the email or the name' }))
}, closed)

const limits = {
  projects: Nullable(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  projectsRunning: Nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  snapshotBytes: Nullable(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))
}
const LIMITS = 'what this user may have in place of what GET /api/limits says; null for that'
const LimitsSchema = Type.Object(limits, { ...closed, description: LIMITS })
export type Limits = Static<typeof LimitsSchema>

const KnownUserSchema = Type.Object({ ...userProperties, disabledAt: Nullable(Instant), limits: LimitsSchema }, closed)
export type KnownUser = Static<typeof KnownUserSchema>

export const KnownUserAnswerSchema = Type.Object({ user: KnownUserSchema }, closed)
export const UsersSchema = Type.Object({ users: Type.Array(KnownUserSchema), nextCursor: Nullable(Type.String()) }, closed)

export const ChangeUserBodySchema = Type.Object({
  name: Type.Optional(Nullable(NameSchema)),
  role: Type.Optional(Type.Enum([...userRoles])),
  disabled: Type.Optional(Type.Boolean({ description: 'a disabled account cannot sign in, its keys are not taken and its projects are stopped' })),
  limits: Type.Optional(Type.Object({
    projects: Type.Optional(limits.projects), projectsRunning: Type.Optional(limits.projectsRunning), snapshotBytes: Type.Optional(limits.snapshotBytes)
  }, { ...closed, minProperties: 1, description: LIMITS }))
}, { ...closed, minProperties: 1 })
export type ChangeUserBody = Static<typeof ChangeUserBodySchema>

export const InviteBodySchema = Type.Object({
  email: Type.Optional(EmailSchema),
  role: Type.Optional(Type.Enum([...userRoles], { default: 'user' }))
}, closed)
export type InviteBody = Static<typeof InviteBodySchema>

export const ServerLimitsSchema = Type.Object({
  projects: Type.Integer({ description: 'PROJECT_QUOTA' }),
  projectsRunning: Type.Integer({ description: 'PROJECT_RUNNING_QUOTA' }),
  snapshotBytes: Type.Integer({ description: 'a part of SNAPSHOT_SIZE' })
}, closed)
export type ServerLimits = Static<typeof ServerLimitsSchema>

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
