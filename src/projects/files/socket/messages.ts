import { createMessageChecker, parseJson } from '../../../sockets/parse-message.ts'
import { ControlMessageSchema, RequestHeadSchema, type ControlMessage, type RequestHead } from './schemas.ts'

export type ClientMessage =
  /** Its fields are not looked at yet: what is wrong with them is an answer to the request. */
  | { readonly kind: 'request', readonly head: RequestHead, readonly fields: object }
  | { readonly kind: 'control', readonly message: ControlMessage }

const checkHead = createMessageChecker(RequestHeadSchema)
const checkControl = createMessageChecker(ControlMessageSchema)

/** Throws BAD_MESSAGE. */
export function parseMessage (text: string): ClientMessage {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || !('op' in value)) return { kind: 'control', message: checkControl(value) }
  const { id, op, ...fields } = value as Record<string, unknown>
  return { kind: 'request', head: checkHead({ id, op }), fields }
}
