import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBerth, type Berth, type ErrorBody } from '../support/berth.ts'
import { signUp } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

// Everything else needs somebody who has signed in: a new route cannot be public by mistake.
// `/metrics` is for whoever asks from this machine itself, `/auth/oidc/connect` for whoever comes from a provider, `/auth/setup` and `/auth/password/reset` for whoever has a link.
const PUBLIC = new Set(['/health', '/ready', '/metrics', '/api/languages', '/auth/methods', '/auth/oidc', '/auth/oidc/callback', '/auth/oidc/connect', '/auth/setup', '/auth/signup', '/auth/signin', '/auth/password/reset', '/auth/password/forgot'])
const isPublic = (url: string): boolean => PUBLIC.has(url) || url === '/docs' || url.startsWith('/docs/')
// Its errors are those of another API: a message, and no code.
const isPiston = (url: string): boolean => url.startsWith('/api/v2/')
const NO_UUID = '00000000-0000-4000-8000-000000000000'
// It shows a browser a page to sign in on, so that it looks at the question before the one who asks.
const QUERIES: Readonly<Record<string, string>> = { '/preview/handover': `?project=${NO_UUID}&port=3000` }

let berth: Berth
const routes: Array<{ method: string, url: string }> = []

/** Fastify announces each new instance, so that every route can be seen as it is registered. */
function collect (message: unknown): void {
  (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
    for (const one of [method].flat()) routes.push({ method: one, url })
  })
}

beforeAll(async () => {
  subscribe('fastify.initialization', collect)
  try {
    berth = await startBerth({}, { catalogue: noLanguages })
  } finally {
    unsubscribe('fastify.initialization', collect)
  }
})
afterAll(async () => await berth.stop())

async function ask ({ method, url }: { method: string, url: string }, headers: Record<string, string>): Promise<{ status: number, body: ErrorBody | undefined }> {
  const path = url.replaceAll(/:\w+/g, NO_UUID).replace('*', 'x') + (QUERIES[url] ?? '')
  const response = await fetch(berth.origin + path, { method, headers })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  return { status: response.status, body: isJson && text !== '' ? JSON.parse(text) as ErrorBody : undefined }
}

describe('every route that is not public', () => {
  it('is seen by this test', () => {
    expect(routes.map(({ method, url }) => `${method} ${url}`)).toEqual(expect.arrayContaining(['GET /health', 'POST /auth/logout', 'DELETE /auth/keys/:id', 'POST /api/execute', 'GET /api/system']))
    expect([...PUBLIC].filter((url) => !routes.some((route) => route.url === url))).toEqual([])
  })

  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['a wrong key', { 'X-API-Key': 'brt_wrong' }],
    ['a wrong cookie', { Cookie: 'jwt=a.b.c' }]
  ])('answers 401 to who sends %s', async (_name, headers) => {
    const answers: string[] = []
    for (const route of routes.filter(({ url }) => !isPublic(url))) {
      const { status, body } = await ask(route, headers)
      const isTold = body === undefined || body.code === (isPiston(route.url) ? undefined : 'UNAUTHENTICATED')
      if (status !== 401 || !isTold) answers.push(`${route.method} ${route.url}: ${status} ${body?.code}`)
    }
    expect(answers).toEqual([])
  })

  it('answers 403 to who is no administrator, where it is for those', async () => {
    const { cookie, origin } = { ...await signUp(berth.origin), origin: berth.origin }
    const ofAdministrators = routes.filter(({ url }) => /^\/api\/(users|limits|usage|audit|projects|builds)\b/.test(url))
    expect(ofAdministrators.length).toBeGreaterThan(8)
    for (const route of ofAdministrators) {
      expect(await ask(route, { Cookie: cookie, Origin: origin }), `${route.method} ${route.url}`).toMatchObject(route.method === 'HEAD' ? { status: 403 } : { status: 403, body: { code: 'ADMIN_ONLY' } })
    }
  })
})
