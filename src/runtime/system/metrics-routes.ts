import { BlockList, isIPv6 } from 'node:net'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { errors } from '../../errors.ts'
import { isLoopbackName } from '../../http/hosts.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

// What a proxy says of whom it asks for. One that says nothing is known by its PUBLIC_URL, or by the Host that it passes on.
const FORWARDED = /^(forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip)$/

/** From this machine itself, asked for by its own name. What a proxy here passes on for others is not. */
function isLocal ({ raw, hostname }: FastifyRequest): boolean {
  const { remoteAddress = '' } = raw.socket
  const address = remoteAddress.replace(/^::ffff:/, '')
  const isForwarded = Object.keys(raw.headers).some((name) => FORWARDED.test(name))
  return !isForwarded && isLoopbackName(hostname) && loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

export interface MetricsRoutesOptions {
  /** Anybody's request may come from loopback then. */
  readonly isBehindProxy: boolean
}

/** Prometheus reads from loopback without a key, where no proxy is; anybody else needs one of an admin. */
export const metricsRoutes: FastifyPluginAsyncTypebox<MetricsRoutesOptions> = async (app, { isBehindProxy }) => {
  app.get('/metrics', {
    schema: {
      operationId: 'metrics',
      summary: 'Metrics for Prometheus',
      tags: ['system'],
      produces: ['text/plain'],
      response: { 200: Type.String() }
    },
    onRequest: async (request) => {
      if (!isBehindProxy && isLocal(request)) return
      const { role } = await app.auth.identify(request)
      if (role !== 'admin') throw new errors.ADMIN_ONLY()
    }
  }, async (_request, reply) => await reply.type(app.metrics.contentType).send(await app.metrics.metrics()))
}
