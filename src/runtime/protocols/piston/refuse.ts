import { errors } from '../../../errors.ts'

/** Refuses a request in the words of Piston's API, which clients show and match. */
export function refuse (message: string): never {
  throw new errors.BAD_REQUEST(message)
}
