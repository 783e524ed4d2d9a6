import type { FastifyRequest } from 'fastify'
import { traceOf } from '../../plugins/audit.ts'
import type { UserRow } from './repo.ts'
import type { User } from './schemas.ts'
import type { Visit } from './sessions.ts'

export function presentUser ({ id, email, name, role, createdAt }: UserRow): User {
  return { id, email, name, role, createdAt: createdAt.toISOString() }
}

export function visitOf (request: FastifyRequest): Visit {
  return { trace: traceOf(request), userAgent: request.headers['user-agent'] ?? null }
}
