import Type, { type Static } from 'typebox'
import { memberRoles } from '../../db/schema/project-members.ts'
import { EmailSchema } from '../../lib/email.ts'
import { closed, Instant, Nullable } from '../../lib/schemas.ts'

const id = Type.String({ format: 'uuid' })
const pathId = Type.String({ minLength: 1, maxLength: 64 })
const RoleSchema = Type.Enum([...memberRoles], { description: '`viewer` looks at all of it, `editor` works in it too' })
const ExpiresAtSchema = Type.Optional(Type.String({ format: 'date-time', description: 'in a week, when left out; in a year at most' }))

export const MemberParamsSchema = Type.Object({ id: pathId, user: id })
export const InvitationParamsSchema = Type.Object({ id: pathId, invitation: id })

export const InviteSchema = Type.Object({ email: EmailSchema, role: RoleSchema, expiresAt: ExpiresAtSchema }, closed)
export type Invite = Static<typeof InviteSchema>

export const CreateLinkSchema = Type.Object({
  role: RoleSchema,
  expiresAt: ExpiresAtSchema,
  maxUses: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'as many as like, when left out' }))
}, closed)
export type CreateLink = Static<typeof CreateLinkSchema>

export const ChangeMemberSchema = Type.Object({ role: RoleSchema }, closed)
export const AcceptLinkSchema = Type.Object({ token: Type.String({ minLength: 1, maxLength: 100, description: 'what follows the # in the link' }) }, closed)

export const PersonSchema = Type.Object({ id, email: Nullable(Type.String()), name: Nullable(Type.String()) }, closed)

const MemberSchema = Type.Object({ user: PersonSchema, role: Type.Enum([...memberRoles, 'owner']), since: Instant }, closed)
export type ShownMember = Static<typeof MemberSchema>

export const MemberAnswerSchema = Type.Object({ member: MemberSchema }, closed)
export const MembersSchema = Type.Object({ members: Type.Array(MemberSchema), nextCursor: Type.Null({ description: 'always null: there are never many' }) }, closed)

const invitation = { id, role: RoleSchema, createdAt: Instant, expiresAt: Instant }
const InvitationSchema = Type.Object({
  ...invitation,
  email: Type.Union([Type.String(), Type.Null()], { description: 'whom it is for; null for a link' }),
  uses: Type.Integer({ description: 'how many have become members by it' }),
  maxUses: Nullable(Type.Integer())
}, closed)
export type ShownInvitation = Static<typeof InvitationSchema>

export const InvitationAnswerSchema = Type.Object({ invitation: InvitationSchema }, closed)
export const NewLinkSchema = Type.Object({ invitation: InvitationSchema, link: Type.String({ description: 'shown this once' }) }, closed)
export const InvitationsSchema = Type.Object({ invitations: Type.Array(InvitationSchema), nextCursor: Nullable(Type.String()) }, closed)

const ReceivedSchema = Type.Object({ ...invitation, project: Type.Object({ id, name: Type.String() }, closed), owner: PersonSchema }, closed)
export type Received = Static<typeof ReceivedSchema>
export const ReceivedListSchema = Type.Object({ invitations: Type.Array(ReceivedSchema), nextCursor: Nullable(Type.String()) }, closed)
