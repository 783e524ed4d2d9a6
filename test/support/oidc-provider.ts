import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import Provider, { type AccountClaims } from 'oidc-provider'

export const CLIENT = { OIDC_CLIENT_ID: 'berth', OIDC_CLIENT_SECRET: 'what the provider & Berth know' }

export type OidcProvider = Awaited<ReturnType<typeof startOidcProvider>>

/** A real OpenID Connect provider on loopback, where people sign in by their subject alone. */
export async function startOidcProvider (redirectUri: string) {
  const people = new Map<string, Omit<AccountClaims, 'sub'>>()
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.OIDC_CLIENT_ID, client_secret: CLIENT.OIDC_CLIENT_SECRET, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: [randomUUID()] },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
    clientAuthMethods: ['client_secret_basic'],
    responseTypes: ['code'],
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
    // Nobody is asked what Berth may know.
    async loadExistingGrant ({ oidc }) {
      const grant = new provider.Grant({ clientId: oidc.client?.clientId ?? '', accountId: oidc.session?.accountId ?? '' })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    }
  })
  const callback = provider.callback()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/interaction/') === true) void interact(provider, request, response)
    else void callback(request, response)
  })

  return {
    issuer,
    env: { OIDC_ISSUER: issuer, ...CLIENT, OIDC_NAME: 'Example' },
    /** Somebody whom it knows. Returns the subject. */
    add: (claims: Omit<AccountClaims, 'sub'> = {}): string => {
      const sub = randomUUID()
      people.set(sub, { email: `${sub}@example.org`, email_verified: true, name: 'Ada', ...claims })
      return sub
    },
    change: (sub: string, claims: Omit<AccountClaims, 'sub'>) => { people.set(sub, { ...people.get(sub), ...claims }) },
    stop: async () => await stop(server)
  }
}

async function interact (provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'text/html')
    response.end('<!doctype html><title>Provider</title><form method="post"><label>Who are you? <input name="login"></label><button>Continue</button></form>')
    return
  }
  const form = new URLSearchParams(await text(request))
  const login = form.get('login')
  await provider.interactionFinished(request, response, login === null ? { error: 'access_denied' } : { login: { accountId: login } })
}

async function stop (server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

/** What a browser does there: signs in as somebody, or refuses. Returns where it is sent back to. */
export async function passProvider (url: string, login: string | undefined): Promise<URL> {
  const jar = new Map<string, string>()
  let [next, init]: [string, RequestInit] = [url, {}]
  for (let step = 0; step < 10; step++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(next, { ...init, redirect: 'manual', headers: { Cookie: cookie } })
    const body = await response.text()
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) {
      if (!response.ok) throw new Error(`the provider answered ${response.status} at ${next}: ${body}`)
      init = { method: 'POST', body: new URLSearchParams(login === undefined ? {} : { login }) }
      continue
    }
    next = new URL(location, next).href
    init = {}
    if (new URL(next).origin !== new URL(url).origin) return new URL(next)
  }
  throw new Error('the provider sends nobody back')
}
