import Fastify, { LogController, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import auth, { type AuthOptions } from './auth/index.ts'
import type { Config } from './config.ts'
import disk from './disk/index.ts'
import events from './events/index.ts'
import type { DockerClientOptions } from './docker/index.ts'
import { createBodyWatch } from './http/body-watch.ts'
import { answerClientError } from './http/client-error.ts'
import { createConnectionLimit } from './http/connection-limit.ts'
import { createGuard } from './http/guard.ts'
import { createHostJudge } from './http/hosts.ts'
import audit from './plugins/audit.ts'
import body from './plugins/body.ts'
import cors from './plugins/cors.ts'
import db from './plugins/db.ts'
import docker from './plugins/docker.ts'
import errorHandler, { sendFrameworkError } from './plugins/error-handler.ts'
import health from './plugins/health.ts'
import lastConnections from './plugins/last-connections.ts'
import mail from './plugins/mail.ts'
import metrics from './plugins/metrics.ts'
import openapi from './plugins/openapi.ts'
import rateLimit from './plugins/rate-limit.ts'
import { requestIdOf } from './http/request-id.ts'
import requestLog from './plugins/request-log.ts'
import security from './plugins/security.ts'
import tracing from './plugins/tracing.ts'
import unreadBodies from './plugins/unread-bodies.ts'
import validation from './plugins/validation.ts'
import web from './plugins/web.ts'
import websocket from './plugins/websocket.ts'
import engineBinding from './projects/lifecycle/binding/index.ts'
import { parsePreviewHost } from './projects/preview/address.ts'
import projects, { type ProjectsOptions } from './projects/index.ts'
import { routableUrl } from './http/routable-url.ts'
import { createFrontDoor } from './http/front-door.ts'
import runtime, { type RuntimeOptions } from './runtime/index.ts'
import { createBuildProgress } from './sandbox/images/progress.ts'

export interface AppOptions extends Omit<RuntimeOptions, 'buildProgress'>, Omit<ProjectsOptions, 'frontDoor' | 'describeBuild'>, Pick<AuthOptions, 'setup'> {
  readonly config: Config
  readonly apiKey: string
  readonly jwtSecret: string
  /** Of the secrets of projects: the first seals, all open. */
  readonly secretsKeys: readonly string[]
  readonly dockerOptions: DockerClientOptions
  readonly logger: FastifyServerOptions['logger']
  /** Where the built web pages are; none are served without it. */
  readonly webDirectory?: string
}

/** The map of the house: everything that is registered, in order. */
export async function build (options: AppOptions): Promise<FastifyInstance> {
  const { config } = options
  const judgeHost = createHostJudge(config.hosts)
  const bodies = createBodyWatch()
  const connections = config.isBehindProxy ? undefined : createConnectionLimit()
  const frontDoor = createFrontDoor((host) => parsePreviewHost(host, config.previews.domain) !== undefined, createGuard({ judgeHost, bodies, connections, requestIdOf }))
  const app = Fastify({
    serverFactory: frontDoor.serverFactory,
    clientErrorHandler: answerClientError,
    frameworkErrors: sendFrameworkError,
    ...(options.logger === undefined ? {} : { logger: options.logger }),
    // One line per request is written by plugins/request-log.ts.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: ({ headers }) => requestIdOf(headers),
    trustProxy: config.trustProxy,
    routerOptions: { ignoreTrailingSlash: true },
    rewriteUrl: ({ url }) => routableUrl(url ?? '/'),
    forceCloseConnections: 'idle',
    // A database that is started at the same time may take its time.
    pluginTimeout: 60_000
  })

  await app.register(errorHandler)
  await app.register(tracing, { endpoint: config.tracesEndpoint, version: options.version })
  await app.register(lastConnections)
  await app.register(requestLog)
  await app.register(metrics)
  await app.register(security)
  await app.register(unreadBodies, { bodies })
  await app.register(cors, { origins: config.corsOrigins })
  await app.register(rateLimit, { redisUrl: config.redisUrl })
  await app.register(body)
  await app.register(validation)
  await app.register(openapi, { version: options.version })
  await app.register(websocket)

  await app.register(db, { databaseUrl: config.databaseUrl, dataDir: config.dataDir })
  await app.register(docker, { options: options.dockerOptions })
  await app.register(engineBinding, { adopt: options.config.adoptEngine })
  await app.register(health, { version: options.version })

  await app.register(audit)
  await app.register(mail, { config: config.mail })
  await app.register(auth, { ...options, trust: (socket) => connections?.trust(socket) })
  await app.register(events)
  await app.register(disk, { config, images: options.images })
  const buildProgress = createBuildProgress((image, { state, step }) => app.events.publish({ type: 'build', data: { image, state, step } }))
  await app.register(runtime, { ...options, buildProgress })
  await app.register(projects, { ...options, describeBuild: buildProgress.describe, frontDoor })
  if (options.webDirectory !== undefined) await app.register(web, { directory: options.webDirectory, previews: config.previews, embedOrigins: config.embedOrigins })
  return app
}
