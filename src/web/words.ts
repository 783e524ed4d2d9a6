import { ApiError, messageOf as plainMessageOf } from '../client/rest/error.ts'

/** What says how to call the API, or how to set up the server, which nobody who looks at a page does there. */
const TECHNICAL = /\b(?:GET|PUT|POST|PATCH|DELETE) [/…]|\bX-API-Key\b|\bIf-(?:None-)?Match\b|\bRetry-After\b|must match pattern|": (?:true|false)|"make |\b[A-Z]+(?:_[A-Z]+)+\b|\b[A-Z]+=/

const MIB = 1024 ** 2

/** Where nothing of what the API says helps. */
const byCode: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'You are not signed in.',
  VALIDATION_FAILED: 'What was filled in cannot be taken. Check it, and try again.',
  ORIGIN_NOT_ALLOWED: 'The server takes this only from its own pages.',
  KEY_PREDEFINED: 'This key is given by the server\'s configuration, and is replaced there.',
  ADMIN_ONLY: 'This is for administrators.',
  RATE_LIMITED: 'Too many requests. Try again in a moment.',
  PRECONDITION_FAILED: 'It has been changed meanwhile.',
  INPUT_CLOSED: 'The program takes no more input.',
  BAD_CONTROL: 'The server did not understand this page. Load it again.',
  FILES_UNAVAILABLE: 'The files of projects that do not run cannot be reached now. Ask whoever runs the server.',
  TREE_TOO_DEEP: 'Folders in the project are nested too deep. Delete them, or have a program move them further up.'
}

/** What somebody at a page is told of a refusal: the API's words, less what is meant for programs. */
export function wordsFor (code: string, message: string): string {
  return byCode[code] ?? withoutTechnical(message)
}

/** What to show of anything that was thrown. */
export function messageOf (error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? wordsFor(error.code, error.message) : plainMessageOf(error)
}

/** What was refused of single fields. `fieldOf` says which one a code is about. */
export function fieldProblemsOf (error: unknown, fieldOf: Readonly<Record<string, string>> = {}): ReadonlyArray<{ readonly field: string, readonly message: string }> {
  if (!(error instanceof ApiError)) return []
  const { code, message, details = [] } = error
  if (details.length > 0) return details.map((detail) => ({ field: detail.field, message: sentence(detail.message) }))
  // Its first word is the limit's name.
  const field = code === 'BAD_LIMIT' ? message.split(' ')[0] : fieldOf[code]
  return field === undefined ? [] : [{ field, message: messageOf(error) }]
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`

export function withoutTechnical (message: string): string {
  const kept = message.split(/(?<=[.;]|[^"]:) /).filter((sentence) => !TECHNICAL.test(sentence)).join(' ').replace(/[;:]$/, '.')
  return kept === '' ? 'The server has refused this.' : kept.replace(/\b(\d{7,}) bytes\b/g, (_, bytes) => `${Math.floor(Number(bytes) / MIB)} MB`)
}
