import { randomUUID } from 'node:crypto'
import type { User } from '../../../src/auth/accounts/schemas.ts'
import type { ErrorBody } from './berth.ts'

export interface Answer<T> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

export const PASSWORD = 'violet harbour under snow'

/** Somebody who calls the server with the same headers each time: nothing, a cookie and the Origin of our pages, or a key. */
export function createClient (origin: string, headers: Record<string, string> = {}) {
  async function call<T = ErrorBody> (method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<Answer<T>> {
    const response = await fetch(origin + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers, ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as T }
  }
  return { headers, call }
}

export type Client = ReturnType<typeof createClient>

export const withKey = (origin: string, key: string): Client => createClient(origin, { 'X-API-Key': key })

/** Takes the cookie as a browser would. */
export function cookieOf (headers: Headers): string {
  return (headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

export const withCookie = (origin: string, cookie: string): Client => createClient(origin, { Cookie: cookie, Origin: origin })

/** A new user, signed in by cookie. */
export async function signUp (origin: string, given: { email?: string, password?: string, name?: string } = {}) {
  const email = given.email ?? `${randomUUID()}@example.org`
  const password = given.password ?? PASSWORD
  const { status, headers, body } = await createClient(origin).call<{ user: User }>('POST', '/auth/signup', { ...given, email, password })
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`)
  const cookie = cookieOf(headers)
  return { ...withCookie(origin, cookie), cookie, email, password, user: body.user }
}

export type SignedUp = Awaited<ReturnType<typeof signUp>>
