import Type, { type Static } from 'typebox'
import { userRoles } from '../../db/schema/index.ts'
import { EmailSchema } from '../../lib/email.ts'
import { closed, Instant, Nullable, Printable } from '../../lib/schemas.ts'
import { PASSWORD_MAX, PASSWORD_MIN } from '../password/policy.ts'

export const NameSchema = Type.String({ minLength: 1, maxLength: 100, ...Printable })
const NewPasswordSchema = Type.String({ minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX })
export const KnownPasswordSchema = Type.String({ minLength: 1, maxLength: PASSWORD_MAX })
const TokenSchema = Type.String({ minLength: 1, maxLength: 100, description: 'what follows the # in the link' })

const account = {
  email: EmailSchema,
  password: NewPasswordSchema,
  name: Type.Optional(NameSchema)
}

export const SignUpBodySchema = Type.Object({ ...account, invitation: Type.Optional(TokenSchema) }, closed)
export type SignUpBody = Static<typeof SignUpBodySchema>

export const SetUpBodySchema = Type.Object({
  token: TokenSchema,
  ...account
}, closed)
export type SetUpBody = Static<typeof SetUpBodySchema>

export const SignInBodySchema = Type.Object({
  email: EmailSchema,
  password: KnownPasswordSchema
}, closed)
export type SignInBody = Static<typeof SignInBodySchema>

const OwnPasswordSchema = Type.Optional(Type.String({ minLength: 1, maxLength: PASSWORD_MAX, description: 'none where the account has none; then whoever asks must have signed in within ten minutes' }))

export const ChangePasswordBodySchema = Type.Object({ current: OwnPasswordSchema, password: NewPasswordSchema }, closed)
export type ChangePasswordBody = Static<typeof ChangePasswordBodySchema>

export const ResetPasswordBodySchema = Type.Object({ token: TokenSchema, password: NewPasswordSchema }, closed)
export type ResetPasswordBody = Static<typeof ResetPasswordBodySchema>

export const ForgotPasswordBodySchema = Type.Object({ email: EmailSchema }, closed)

export const ChangeAccountBodySchema = Type.Object({ name: Nullable(NameSchema) }, closed)

export const DeleteAccountBodySchema = Type.Object({
  password: OwnPasswordSchema,
  withShared: Type.Optional(Type.Boolean({ default: false, description: 'also your projects in which others work' }))
}, closed)
export type DeleteAccountBody = Static<typeof DeleteAccountBodySchema>

const BrowserSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  createdAt: Instant,
  expiresAt: Instant,
  ip: Nullable(Type.String()),
  userAgent: Type.Union([Type.String(), Type.Null()], { description: 'what the browser calls itself' }),
  current: Type.Boolean({ description: 'whether it is the one that asks' })
}, closed)
export type Browser = Static<typeof BrowserSchema>

export const BrowsersSchema = Type.Object({ sessions: Type.Array(BrowserSchema), nextCursor: Nullable(Type.String()) }, closed)

export const userProperties = {
  id: Type.String({ format: 'uuid' }),
  email: Type.Union([Type.String(), Type.Null()], { description: 'null for the first user before the server is set up' }),
  name: Nullable(Type.String()),
  role: Type.Enum([...userRoles]),
  createdAt: Instant
}
const UserSchema = Type.Object(userProperties, closed)
export type User = Static<typeof UserSchema>

export const UserAnswerSchema = Type.Object({ user: UserSchema }, closed)
