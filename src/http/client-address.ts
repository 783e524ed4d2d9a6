import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'
import type { TrustProxy } from '../lib/trust-proxy.ts'

/** Whom a request is from, for whoever reads requests without Fastify; the same as its `request.ip`. */
export function createClientAddress (trustProxy: TrustProxy): (request: IncomingMessage) => string {
  const trust = typeof trustProxy === 'string' ? proxyAddress.compile(trustProxy.split(',').map((item) => item.trim())) : trustProxy === false ? () => false : trustProxy
  return (request) => request.socket.remoteAddress === undefined ? '' : proxyAddress(request, trust)
}
