import type { FastifyRequest } from 'fastify'

/** For links: where somebody has reached the server is where others do. The host was checked. */
export function originOf ({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`
}
