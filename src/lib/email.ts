import Type from 'typebox'

// Whether it is anybody's address only a letter to it would tell; this keeps out what could not be one.
const EMAIL = '^\\s*[!-?A-~]+@[A-Za-z0-9.-]+\\s*$'
const EMAIL_MAX = 254

export const EmailSchema = Type.String({ pattern: EMAIL, maxLength: EMAIL_MAX, 'x-form': 'must be an email address such as ada@example.org; a domain with other letters in its xn-- form', description: 'upper and lower case are the same' })

/** The email as we keep it; undefined for what could be none. */
export function readEmail (text: unknown): string | undefined {
  return typeof text === 'string' && text.length <= EMAIL_MAX && new RegExp(EMAIL).test(text) ? canonicalEmail(text) : undefined
}

export function canonicalEmail (email: string): string {
  return email.trim().toLowerCase()
}
