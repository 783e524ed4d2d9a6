import { eq } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import type { Database } from '../../db/open.ts'
import { users } from '../../db/schema/users.ts'
import { createLoop } from '../../lib/loop.ts'
import { createSeal } from '../../lib/seal.ts'
import type { ProjectsCore } from '../contract.ts'
import { createCredentialRepo } from './credentials/repo.ts'
import { credentialRoutes } from './credentials/routes.ts'
import { createCredentialService } from './credentials/service.ts'
import { branchRoutes } from './repository/branch-routes.ts'
import { changeRoutes } from './repository/change-routes.ts'
import type { Identity } from './repository/changes.ts'
import { readingRoutes } from './repository/reading-routes.ts'
import { remoteRoutes } from './repository/remote-routes.ts'
import { createWithGit } from './repository/service.ts'

const RESEAL_MS = 3_600_000

/** Calls on the repositories in projects, and what they show to remotes. */
export async function registerGit (app: FastifyInstance, { config, projectOf, start, hold, stoppingSignal, variables }: ProjectsCore, secretsKeys: readonly string[]): Promise<void> {
  const { db, docker, log } = app
  const credentials = createCredentialService({ repo: createCredentialRepo(db), seal: createSeal(secretsKeys, 'berth: secrets of projects'), log })
  const options = {
    projectOf,
    withGit: createWithGit({ docker, start, hold, stoppingSignal, variablesOf: variables.of }),
    identityOf: async (userId: string) => await identityOf(db, userId),
    accessOf: (projectId: string) => ({
      timeoutMs: config.projects.cloneTimeoutMs,
      credentialFor: async (address: string) => await credentials.for(projectId, address)
    })
  }
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(readingRoutes, options)
    await scope.register(changeRoutes, options)
    await scope.register(branchRoutes, options)
    await scope.register(remoteRoutes, options)
    await scope.register(credentialRoutes, { projectOf, credentials })
  })
  const resealing = createLoop({
    intervalMs: RESEAL_MS,
    onError: (err) => log.warn({ err }, 'credentials could not be sealed with the present key'),
    work: async (signal) => await credentials.reseal(signal)
  })
  app.addHook('onListen', async () => resealing.start())
  app.addHook('preClose', async () => await resealing.stop())
}

/** The predefined administrator has no email until somebody has set the server up. */
async function identityOf (db: Database, userId: string): Promise<Identity | undefined> {
  const [user] = await db.select({ name: users.name, email: users.email }).from(users).where(eq(users.id, userId))
  if (user?.email == null) return undefined
  const name = user.name?.replace(/[\p{C}<>]/gu, '').trim() ?? ''
  return { name: name === '' ? user.email : name, email: user.email }
}
