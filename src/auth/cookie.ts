import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isLoopbackName } from '../http/hosts.ts'

/**
 * `__Host-` keeps other hosts of the domain from setting it, and other ports on plain HTTP. On plain HTTP from our own
 * machine nobody listens in, and not every browser keeps a `Secure` cookie from there.
 */
const COOKIES = { secure: '__Host-jwt', plain: 'jwt' } as const

type Asked = Pick<FastifyRequest, 'protocol' | 'hostname'>

function isSecure ({ protocol, hostname }: Asked): boolean {
  return protocol === 'https' || !(isLoopbackName(hostname) || hostname.toLowerCase().endsWith('.localhost'))
}

/** The one that counts where the request came to; the other one may be anybody's. */
export function cookieNameFor (request: Asked): string {
  return isSecure(request) ? COOKIES.secure : COOKIES.plain
}

function optionsFor (request: Asked): CookieSerializeOptions {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure(request) }
}

export function setSessionCookie (request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void {
  void reply.setCookie(cookieNameFor(request), token, { ...optionsFor(request), expires })
}

export function clearSessionCookie (request: FastifyRequest, reply: FastifyReply): void {
  void reply.clearCookie(cookieNameFor(request), optionsFor(request))
}
