import { errors } from '../errors.ts'

/** The time that a request names, if it does. Throws BAD_REQUEST for a leap second, which is one to the schema and NaN to Date. */
export function timeOf (text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw new errors.BAD_REQUEST(`${text} is no time that this server knows`)
  return time
}
