import { BlockList, isIPv6 } from 'node:net'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { errors } from '../../errors.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** From this machine itself. What a proxy here passes on for others says so, and is not. */
function isLocal (request: FastifyRequest): boolean {
  const isForwarded = request.headers.forwarded !== undefined || request.headers['x-forwarded-for'] !== undefined
  return !isForwarded && loopback.check(request.ip, isIPv6(request.ip) ? 'ipv6' : 'ipv4')
}

/** Prometheus reads from loopback without a key; anybody else needs one of an admin. */
export const metricsRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/metrics', {
    schema: {
      operationId: 'metrics',
      summary: 'Metrics for Prometheus',
      tags: ['system'],
      produces: ['text/plain'],
      response: { 200: Type.String() }
    },
    onRequest: async (request) => {
      if (isLocal(request)) return
      const { role } = await app.auth.identify(request)
      if (role !== 'admin') throw new errors.ADMIN_ONLY()
    }
  }, async (_request, reply) => await reply.type(app.metrics.contentType).send(await app.metrics.metrics()))
}
