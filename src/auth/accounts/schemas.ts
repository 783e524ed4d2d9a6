import Type, { type Static } from 'typebox'
import { userRoles } from '../../db/schema/index.ts'
import { closed } from '../../lib/schemas.ts'
import { PASSWORD_MAX, PASSWORD_MIN } from '../password/policy.ts'

// Whether it is anybody's address only a letter to it would tell; this keeps out what could not be one.
const EmailSchema = Type.String({ pattern: '^\\s*[!-?A-~]+@[A-Za-z0-9.-]+\\s*$', maxLength: 254, 'x-form': 'must be an email address such as ada@example.org; a domain with other letters in its xn-- form', description: 'upper and lower case are the same' })

const account = {
  email: EmailSchema,
  password: Type.String({ minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX }),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]*$', 'x-form': 'must be without control characters' }))
}

export const SignUpBodySchema = Type.Object(account, closed)
export type SignUpBody = Static<typeof SignUpBodySchema>

export const SetUpBodySchema = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 100, description: 'what follows the # in the link' }),
  ...account
}, closed)
export type SetUpBody = Static<typeof SetUpBodySchema>

export const SignInBodySchema = Type.Object({
  email: EmailSchema,
  password: Type.String({ minLength: 1, maxLength: PASSWORD_MAX })
}, closed)
export type SignInBody = Static<typeof SignInBodySchema>

const UserSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  email: Type.Union([Type.String(), Type.Null()], { description: 'null for the first user before the server is set up' }),
  name: Type.Union([Type.String(), Type.Null()]),
  role: Type.Enum([...userRoles]),
  createdAt: Type.String({ format: 'date-time' })
}, closed)
export type User = Static<typeof UserSchema>

export const UserAnswerSchema = Type.Object({ user: UserSchema }, closed)
