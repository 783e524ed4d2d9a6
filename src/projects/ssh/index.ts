import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errors } from '../../errors.ts'
import type { Limit } from '../../lib/limit.ts'
import { createSeal } from '../../lib/seal.ts'
import { networkOf } from '../../plugins/rate-limit.ts'
import { openProjectAgent } from '../../sandbox/project-agent.ts'
import { createSharedAgents } from '../../sandbox/shared-agents.ts'
import type { ProjectsCore, SshReport } from '../contract.ts'
import { createFileService } from '../files/service.ts'
import type { ProcessService } from '../processes/service.ts'
import { createConnections } from './connection.ts'
import { findProjectId } from './find-project.ts'
import { createForwarding } from './forwarding.ts'
import { loadHostKey } from './host-key.ts'
import { createRunner } from './program.ts'
import { createSshServer, type Strangers } from './server.ts'
import { createFileServer } from './sftp/serve.ts'
import { createSignIn } from './sign-in.ts'

export interface Ssh {
  readonly describe: () => SshReport | null
  /** Of a project that is no more. */
  readonly dismiss: (projectId: string) => void
  readonly close: () => Promise<void>
}

const AGENT_IDLE_MS = 30_000
const OFF: Ssh = { describe: () => null, dismiss: () => undefined, close: async () => undefined }

/** Projects by SSH, where the configuration has a port for it: shells, commands, files, and ports of theirs. */
export async function registerSsh (app: FastifyInstance, core: ProjectsCore, { secretsKeys, processes }: { secretsKeys: readonly string[], processes: ProcessService }): Promise<Ssh> {
  const { auth, audit, db, docker, log } = app
  const { config, roles, service, workspace, hold } = core
  if (config.ssh === undefined) return OFF
  const { host } = config.ssh
  const hostKey = await loadHostKey(db, createSeal(secretsKeys, 'berth: host key of SSH'))
  const agents = createSharedAgents({ idleMs: AGENT_IDLE_MS, open: async (containerId) => await openProjectAgent(docker, containerId) })
  const files = createFileService({ workspace, quota: workspace.quota, fileLimit: config.projects.fileBytes, hold })
  const connections = createConnections({
    auth,
    roles,
    log,
    signIn: createSignIn({
      auth,
      audit,
      log,
      async findProject (userId, name) {
        const id = await findProjectId(db, userId, name)
        if (id === undefined) return undefined
        return await service.find(userId, id, 'view').catch((error: unknown) => {
          if (!(error instanceof errors.PROJECT_NOT_FOUND)) throw error
          return undefined
        })
      }
    }),
    run: createRunner({ processes, core }),
    forward: createForwarding({ agents, core }),
    serveFiles: createFileServer({ files, fileLimit: config.projects.fileBytes, log })
  })
  const server = createSshServer({
    hostKey: hostKey.key,
    connections: auth.strangers,
    failures: createFailures(app, config.limits.signIn),
    serve: connections.serve,
    log
  })
  let port: number | undefined
  // Before anything else listens: a port that is taken stops the start.
  app.addHook('onReady', async () => {
    port = await server.listen(config.ssh ?? { host, port: 0 })
    log.info({ host, port, hostKey: hostKey.fingerprint }, 'projects are reached by SSH')
  })
  return {
    describe: () => port === undefined ? null : { host, port, hostKey: { type: hostKey.type, fingerprint: hostKey.fingerprint } },
    dismiss: connections.dismiss,
    async close () {
      await server.close()
      agents.close()
    }
  }
}

/** As many as of sign-ins by password, counted apart. */
function createFailures (app: FastifyInstance, limit: Limit | false): Strangers {
  const limiter = app.createLimiter('ssh-sign-in', limit, networkOf)
  const asRequest = (ip: string): FastifyRequest => ({ ip, routeOptions: { config: {} } }) as FastifyRequest
  return { count: async (ip) => await limiter(asRequest(ip)), refuseExceeded: (ip) => limiter.refuseExceeded(asRequest(ip)) }
}
