import { Pool } from 'undici'
import { startServerProcess } from '../support/server-process.ts'
import { interleave, reportLine, type Print } from './measure.ts'

const SIGN_INS = 50
const CALLS = 200
const ROUNDS = 500
const WARM_UP = 50
const PASSWORD = 'violet harbour under snow'

/** Passwords must not hold up the rest, and knowing who asks must cost next to nothing. */
export async function benchAuth (print: Print): Promise<void> {
  const server = await startServerProcess({ RATE_LIMIT_SIGNIN: 'off' })
  const client = new Pool(server.origin, { connections: CALLS })
  const quiet = new Pool(server.origin, { connections: 1 })

  async function call (pool: Pool, method: 'GET' | 'POST', path: string, headers: Record<string, string> = {}, body?: unknown): Promise<string> {
    const response = await pool.request({
      method,
      path,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body)
    })
    await response.body.dump()
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode}`)
    return String(response.headers['set-cookie'] ?? '')
  }
  const timed = async (samples: number[], work: () => Promise<unknown>): Promise<void> => {
    const start = performance.now()
    await work()
    samples.push(performance.now() - start)
  }

  try {
    const account = { email: 'bench@example.org', password: PASSWORD }
    const cookie = (await call(client, 'POST', '/auth/signup', {}, account)).split(';')[0] ?? ''
    if (!cookie.startsWith('jwt=')) throw new Error('sign-up set no cookie')

    const signIns: number[] = []
    const healths: number[] = []
    const all = Promise.all(Array.from({ length: SIGN_INS }, async () => await timed(signIns, async () => await call(client, 'POST', '/auth/signin', {}, account))))
    while (signIns.length < SIGN_INS) await timed(healths, async () => await call(quiet, 'GET', '/health'))
    await all
    print(`${SIGN_INS} sign-ins at once, milliseconds`)
    print(reportLine('sign-in', signIns))
    print(reportLine(`GET /health meanwhile, ${healths.length} times`, healths))

    const me: number[] = []
    await Promise.all(Array.from({ length: CALLS }, async () => await timed(me, async () => await call(client, 'GET', '/auth/me', { cookie }))))
    print(reportLine(`GET /auth/me, ${CALLS} at once, by cookie`, me))

    // Signing out by key does nothing but find out who asks; /auth/me has a query of its own whoever asks.
    const cases = {
      health: async () => { await call(quiet, 'GET', '/health') },
      key: async () => { await call(quiet, 'POST', '/auth/logout', { 'x-api-key': server.key }) },
      meByKey: async () => { await call(quiet, 'GET', '/auth/me', { 'x-api-key': server.key }) },
      meByCookie: async () => { await call(quiet, 'GET', '/auth/me', { cookie }) }
    }
    await interleave(WARM_UP, cases)
    const samples = await interleave(ROUNDS, cases)
    print(reportLine('GET /health, public', samples.health))
    print(reportLine('POST /auth/logout, by key', samples.key, samples.health))
    print(reportLine('GET /auth/me, by key', samples.meByKey))
    print(reportLine('GET /auth/me, by cookie', samples.meByCookie, samples.meByKey))
  } finally {
    await Promise.all([client.close(), quiet.close()])
    await server.stop()
  }
}
