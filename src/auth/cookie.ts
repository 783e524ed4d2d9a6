import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isLoopbackName } from '../http/hosts.ts'

type Asked = Pick<FastifyRequest, 'protocol' | 'hostname'>

function isSecure ({ protocol, hostname }: Asked): boolean {
  return protocol === 'https' || !(isLoopbackName(hostname) || hostname.toLowerCase().endsWith('.localhost'))
}

/**
 * `__Host-` keeps other hosts of the domain from setting it, and other ports on plain HTTP. On plain HTTP from our own
 * machine nobody listens in, and not every browser keeps a `Secure` cookie from there.
 */
function createCookie (name: string, sameSite: 'strict' | 'lax') {
  // The one that counts where the request came to; the other one may be anybody's.
  const nameFor = (request: Asked): string => isSecure(request) ? `__Host-${name}` : name
  const optionsFor = (request: Asked): CookieSerializeOptions => ({ path: '/', httpOnly: true, sameSite, secure: isSecure(request) })
  return {
    read: (request: FastifyRequest): string | undefined => request.cookies[nameFor(request)],
    set: (request: FastifyRequest, reply: FastifyReply, value: string, expires: Date): void => {
      void reply.setCookie(nameFor(request), value, { ...optionsFor(request), expires })
    },
    clear: (request: FastifyRequest, reply: FastifyReply): void => {
      void reply.clearCookie(nameFor(request), optionsFor(request))
    }
  }
}

export const sessionCookie = createCookie('jwt', 'strict')
/** A sign-in that is at the provider, who sends the browser back from another site. */
export const attemptCookie = createCookie('oidc', 'lax')
/** Somebody whom the provider knows, and whose account here has a password that is still to be told. */
export const connectCookie = createCookie('oidc-connect', 'strict')

/** Signs the browser in: a token of ours that carries the session's id. */
export function giveSession (request: FastifyRequest, reply: FastifyReply, { id, expiresAt }: { id: string, expiresAt: Date }): void {
  const exp = Math.floor(expiresAt.getTime() / 1000)
  sessionCookie.set(request, reply, request.server.jwt.sign({ sid: id, exp }), expiresAt)
}
