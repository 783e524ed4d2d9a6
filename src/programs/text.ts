import { errors } from '../errors.ts'

/** UTF-8 of what a client sent as text; `what` says in a refusal what it was. */
export function encodeText (what: string, text: string): Buffer {
  if (!text.isWellFormed()) throw new errors.BAD_REQUEST(`A lone surrogate is in ${what}: send bytes that are not text with "encoding": "base64"`)
  return Buffer.from(text)
}
