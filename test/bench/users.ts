import type { ServerProcess } from '../support/server-process.ts'

/** Limits of the number of calls stay out of measurements. */
export const UNLIMITED = { RATE_LIMIT: 'off', RATE_LIMIT_ANONYMOUS: 'off', RATE_LIMIT_SIGNIN: 'off' }

/** Signs up so many users and returns a key of each. */
export async function createUsers (server: ServerProcess, count: number): Promise<string[]> {
  const keys: string[] = []
  for (let i = 0; i < count; i++) {
    const headers = { 'Content-Type': 'application/json', Origin: server.origin }
    const body = JSON.stringify({ email: `user${i}@bench.test`, password: `a long enough secret ${i}` })
    const signedUp = await fetch(`${server.origin}/auth/signup`, { method: 'POST', headers, body })
    if (signedUp.status !== 201) throw new Error(`sign-up: ${signedUp.status} ${await signedUp.text()}`)
    const cookie = signedUp.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
    const made = await fetch(`${server.origin}/auth/keys`, { method: 'POST', headers: { ...headers, Cookie: cookie }, body: JSON.stringify({ name: 'bench' }) })
    if (made.status !== 201) throw new Error(`key: ${made.status} ${await made.text()}`)
    keys.push(((await made.json()) as { key: string }).key)
  }
  return keys
}
