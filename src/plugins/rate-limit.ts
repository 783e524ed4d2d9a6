import rateLimit from '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Redis } from 'ioredis'
import { errors } from '../errors.ts'
import { describeError } from '../http/describe-error.ts'
import { clientNetwork } from '../lib/client-network.ts'
import { createExpiringSet } from '../lib/expiring-set.ts'
import type { Limit } from '../lib/limit.ts'

export interface Limiter {
  /** Counts the request, and throws RATE_LIMITED when it is one too many. */
  (request: FastifyRequest): Promise<void>
  /** Throws RATE_LIMITED without counting when this server has refused the same client within the window. */
  readonly refuseExceeded: (request: FastifyRequest) => void
  /** Counts only what its client has done wrong: many people behind one address may come in, and few may guess. */
  readonly countFailure: <T>(request: FastifyRequest, work: () => Promise<T>) => Promise<T>
}

declare module 'fastify' {
  interface FastifyInstance {
    /** A limit of its own name and key; one that is off lets everything through. */
    createLimiter: (name: string, limit: Limit | false, keyOf: (request: FastifyRequest) => string) => Limiter
  }
}

export interface RateLimitOptions {
  /** Where servers that stand side by side count together. */
  readonly redisUrl: string | undefined
}

const REDIS_DEADLINE_MS = 500
// As many clients as one server counts at a time; the one that was not heard of for longest is forgotten first.
const CLIENTS = 50_000

export const networkOf = (request: FastifyRequest): string => clientNetwork(request.ip)

export default fp<RateLimitOptions>(async (app, { redisUrl }) => {
  const redis = redisUrl === undefined ? undefined : connectRedis(redisUrl, (err) => app.log.warn({ err }, 'Redis does not answer; requests are not counted meanwhile'))
  await app.register(rateLimit, {
    global: false,
    cache: CLIENTS,
    // A limit protects the service: it must not take it down together with Redis.
    skipOnError: true,
    ...(redis === undefined ? {} : { redis, nameSpace: 'berth-rate-limit-' })
  })

  app.decorate('createLimiter', (name: string, limit: Limit | false, keyOf: (request: FastifyRequest) => string): Limiter => {
    if (limit === false) return Object.assign(async () => undefined, { refuseExceeded: () => undefined, countFailure: async <T>(_request: FastifyRequest, work: () => Promise<T>) => await work() })
    const count = app.createRateLimit({
      max: limit.max,
      timeWindow: limit.windowMs,
      // In Redis all limits share one space of names.
      keyGenerator: (request) => `${name}:${keyOf(request)}`
    })
    const exceeded = createExpiringSet(CLIENTS)
    const refusal = (seconds: number): Error => Object.assign(new errors.RATE_LIMITED(), { retryAfterSeconds: Math.max(1, Math.ceil(seconds)) })

    async function countOne (request: FastifyRequest): Promise<void> {
      const outcome = await count(request)
      if (outcome.isAllowed || !outcome.isExceeded) return
      exceeded.add(keyOf(request), outcome.ttlInSeconds * 1000)
      throw refusal(outcome.ttlInSeconds)
    }
    function refuseExceeded (request: FastifyRequest): void {
      const leftMs = exceeded.leftMs(keyOf(request))
      if (leftMs > 0) throw refusal(leftMs / 1000)
    }

    return Object.assign(countOne, {
      refuseExceeded,
      async countFailure <T> (request: FastifyRequest, work: () => Promise<T>) {
        refuseExceeded(request)
        try {
          return await work()
        } catch (error) {
          const { statusCode } = describeError(error)
          if (statusCode < 500 && statusCode !== 429) await countOne(request)
          throw error
        }
      }
    })
  })
  app.addHook('onClose', async () => redis?.disconnect())
}, { name: 'rate-limit' })

function connectRedis (url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    connectTimeout: REDIS_DEADLINE_MS,
    commandTimeout: REDIS_DEADLINE_MS,
    // Requests do not wait for Redis to come back.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false
  })
  let isDown = false
  redis.on('ready', () => { isDown = false })
  redis.on('error', (error: Error) => {
    if (!isDown) onError(error)
    isDown = true
  })
  return redis
}
