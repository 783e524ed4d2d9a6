import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { COOKIE } from './credentials.ts'

const LOOPBACK = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\]|::1)$/

/** On plain HTTP from our own machine nobody listens in, and not every browser keeps a `Secure` cookie from there. */
function optionsFor ({ protocol, hostname }: FastifyRequest): CookieSerializeOptions {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: protocol === 'https' || !LOOPBACK.test(hostname) }
}

export function setSessionCookie (request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void {
  void reply.setCookie(COOKIE, token, { ...optionsFor(request), expires })
}

export function clearSessionCookie (request: FastifyRequest, reply: FastifyReply): void {
  void reply.clearCookie(COOKIE, optionsFor(request))
}
