import { join } from 'node:path'
import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { createFairQueue } from '../lib/fair-queue.ts'
import { createLoop } from '../lib/loop.ts'
import { createMemoryBudget } from '../lib/memory-budget.ts'
import { createSampleWindow } from '../lib/percentiles.ts'
import { describeError } from '../http/describe-error.ts'
import { weakPoints } from '../sandbox/engine-requirements.ts'
import { removeLeftoverFillers } from '../sandbox/images/agent-volume.ts'
import type { Catalogue } from '../sandbox/images/catalogue.ts'
import type { BuildProgress } from '../sandbox/images/progress.ts'
import { imageReference } from '../sandbox/images/lookup.ts'
import type { ImageSpecs } from '../sandbox/images/resolve.ts'
import { offeredImages } from '../sandbox/images/selection.ts'
import { createPool } from '../sandbox/pool/pool.ts'
import { sweepOrphans } from '../sandbox/sweep.ts'
import { executionRoutes } from './runs/execute-route.ts'
import { createExecutionService, type ExecutionService } from './runs/execution.ts'
import { createBackgroundBuilds } from './languages/background-builds.ts'
import { buildRoutes } from './languages/builds-routes.ts'
import { createProjectImages } from './languages/project-images.ts'
import { createReadiness, type Readiness } from './languages/readiness.ts'
import { languageRoutes } from './languages/routes.ts'
import { openVersionMemory } from './languages/version-memory.ts'
import { createRunMetrics, type RunRecord } from './runs/metrics.ts'
import { pistonRoutes } from './protocols/piston/routes.ts'
import { wantsEvents } from '../http/event-stream.ts'
import { sendEvents } from './protocols/event-stream/send-events.ts'
import { runBackendRoutes } from './protocols/run-backend/routes.ts'
import { createSessionHistory } from './runs/history.ts'
import { createLeaseLoop, createRetentionLoop } from './runs/housekeeping.ts'
import { createRecorder } from './runs/recorder.ts'
import { sessionRoutes } from './runs/session-routes.ts'
import { createSessionService, type SessionService } from './runs/sessions.ts'
import { sessionSockets } from './protocols/websocket/routes.ts'
import { createStarter } from './starter.ts'
import { describeSystem } from './system/describe.ts'
import { metricsRoutes } from './system/metrics-routes.ts'
import { systemRoutes } from './system/routes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    runtime: { execution: ExecutionService, sessions: SessionService, readiness: Readiness }
  }
}

export interface RuntimeOptions {
  readonly config: Config
  readonly version: string
  readonly instanceId: string
  readonly catalogue: Catalogue
  readonly images: ImageSpecs
  readonly buildProgress: BuildProgress
  /** Build what is missing while the server runs, through these proxies. */
  readonly backgroundBuilds?: { readonly proxies: Readonly<Record<string, string>> }
}

const SWEEP_MS = 30_000
// Measured: a shim of 14 MB per container on the host, the agent's 0.2 MB, and what the kernel keeps for both.
const IDLE_SANDBOX_BYTES = 16 * 1024 ** 2
const SANDBOX_MOST_RUNS = 500
const SANDBOX_MOST_AGE_MS = 3_600_000
const OWNED_IDLE_MS = 10 * 60_000
const LATENCY_SAMPLES = 1_000

/** Execution: catalogue, pool of sandboxes, queue, and their routes. */
export default fp<RuntimeOptions>(async (app, { config, version, instanceId, catalogue, images, buildProgress, backgroundBuilds }) => {
  const { db, docker, log } = app
  const bootId = app.liveness.serverId
  const { execution: limits, sandbox } = config
  const memory = createMemoryBudget(limits.memoryBytes)
  // Each queue has half of the bytes that may wait.
  const waiting = { capacity: limits.queueCapacity, capacityBytes: Math.floor(limits.queueBytes / 2), memory }
  const queue = createFairQueue({ concurrency: limits.concurrency, perOwner: limits.perOwner, burst: limits.burst, ...waiting })
  const longQueue = createFairQueue({ concurrency: config.sessions.concurrency, perOwner: config.sessions.perOwner, burst: config.sessions.burst, ...waiting })
  const latency = createSampleWindow(LATENCY_SAMPLES)
  const slots = limits.concurrency + limits.burst
  const maxIdle = Math.floor(sandbox.poolMemoryBytes / IDLE_SANDBOX_BYTES)
  const pool = createPool({
    log,
    reuse: sandbox.reuse,
    policy: {
      warmPerLanguage: 1,
      maxWarmPerLanguage: slots,
      maxIdle,
      // As many owners take turns without losing theirs; the other half is for whoever comes new.
      maxIdleOwned: Math.max(slots, Math.floor(maxIdle / 2)),
      maxOwnedIdleMs: OWNED_IDLE_MS,
      maxRuns: SANDBOX_MOST_RUNS,
      maxAgeMs: SANDBOX_MOST_AGE_MS,
      maxRefills: 2
    }
  })
  const imageOf = (language: string): string => imageReference(images, language)
  const startSandbox = createStarter({
    docker,
    images,
    instanceId,
    bootId,
    settings: sandbox,
    memoryMaxBytes: Math.max(config.execution.memoryMaxBytes, ...catalogue.runtimes.map(({ limits }) => limits.compileMemory ?? 0))
  })
  const readiness = createReadiness({
    docker,
    catalogue,
    imageOf,
    describeBuild: buildProgress.describe,
    pool,
    log,
    startSandbox,
    versions: await openVersionMemory(join(config.dataDir, 'versions.json'))
  })
  const offered = offeredImages(images, catalogue.runtimes.map(({ language }) => language), config.projects.hasTools)
  const builds = backgroundBuilds === undefined
    ? undefined
    : createBackgroundBuilds({ docker, checkDisk: app.disk.check, images: offered, progress: buildProgress, log, ...backgroundBuilds })
  const projectImages = createProjectImages({ docker, images, languages: catalogue.runtimes.map(({ language }) => language), hasTools: config.projects.hasTools, progress: buildProgress })
  const host = { instanceId, bootId }
  const recorder = createRecorder({ db, host, logBytes: config.sessions.logBytes, log })
  const metrics = createRunMetrics(app.metrics, { pool, queue, longQueue, unrecorded: recorder.lost })
  const sweepOnce = async (boot: string | undefined, signal?: AbortSignal): Promise<void> => {
    const { removed, stuck } = await sweepOrphans(docker, { instanceId, bootId: boot, isOwned: pool.has, ...(signal === undefined ? {} : { signal }) })
    if (removed.length > 0) log.info({ removed }, 'orphaned sandboxes removed')
    metrics.setStuck(stuck.length)
    if (stuck.length > 0) log.error({ stuck }, 'the Engine cannot remove these sandboxes')
    await removeLeftoverFillers(docker)
  }
  const sweep = createLoop({
    intervalMs: SWEEP_MS,
    onError: (err) => log.warn({ err }, 'sweep failed'),
    work: async (signal) => await sweepOnce(bootId, signal)
  })
  const observe = (record: RunRecord): void => {
    latency.add(record.totalMs)
    metrics.observe(record)
  }
  const execution = createExecutionService({ pool, queue, longQueue, readiness, limits, diskBytes: sandbox.diskBytes })
  const leases = createLeaseLoop({ db, host, recorder, log })
  const retention = createRetentionLoop({ db, retentionDays: config.sessions.retentionDays, budgetBytes: config.sessions.historyBytes, writtenBytes: recorder.writtenBytes, log })
  const sessions = createSessionService({ execution, recorder, graceMs: config.sessions.graceMs, observe, describeError, audit: app.audit })
  const history = createSessionHistory({ db, recorder })
  app.decorate('runtime', { execution, sessions, readiness })

  const running = { auth: app.auth, execution, sessions, history, bodyLimit: limits.bodyLimitBytes }

  await app.register(languageRoutes, { catalogue, imageOf, projectImages, readiness })
  await app.register(metricsRoutes, { isBehindProxy: config.isBehindProxy })
  // Sockets find out themselves who asks, to refuse by close codes.
  await app.register(sessionSockets, running)
  await app.register(runBackendRoutes, running)
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(executionRoutes, { ...running, events: { areWanted: wantsEvents, send: sendEvents } })
    await scope.register(sessionRoutes, { sessions, history })
    await scope.register(pistonRoutes, { prefix: '/api/v2', planner: { catalogue, readiness, execution, limits, strictVersions: config.pistonVersions === 'strict' }, sessions })
    await scope.register(buildRoutes, { docker, images: offered, progress: buildProgress, builds })
    await scope.register(systemRoutes, {
      describeSystem: async () => await describeSystem({
        docker, disk: app.disk, version, network: await app.projects.describeNetwork(), ssh: app.projects.describeSsh(), pool, latency, queue, slots: limits, longQueue, longSlots: config.sessions
      })
    })
  })

  // An Engine that does not answer now is told of by whatever needs it.
  const sayWeakPoints = async (): Promise<void> => {
    for (const point of await docker.system.info().then(weakPoints, () => [])) log.warn(point)
  }
  app.addHook('onListen', async () => {
    await sayWeakPoints()
    await sweep.tick()
    sweep.start()
    leases.start()
    retention.start()
    pool.start()
    readiness.start()
    builds?.start()
  })
  // preClose, not onClose: requests under way are waiting for runs that only the pool's end sets free.
  app.addHook('preClose', async () => {
    await builds?.stop()
    await readiness.stop()
    await sweep.stop()
    await pool.close()
    await sessions.close()
    await Promise.all([leases.stop(), retention.stop()])
    // Whatever the Engine could not remove when it was asked: from here on all of ours are orphans.
    await sweepOnce(undefined).catch((err: unknown) => log.warn({ err }, 'the last sweep failed, the next start will sweep'))
  })
}, { name: 'runtime', dependencies: ['db', 'docker', 'disk', 'audit', 'auth', 'metrics', 'websocket'] })
