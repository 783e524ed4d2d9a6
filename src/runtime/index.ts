import { randomUUID } from 'node:crypto'
import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { createFairQueue } from '../lib/fair-queue.ts'
import { createLoop } from '../lib/loop.ts'
import { createSampleWindow } from '../lib/percentiles.ts'
import { missingHardening } from '../sandbox/engine-requirements.ts'
import { createPool } from '../sandbox/pool/pool.ts'
import { SandboxError, startSandbox } from '../sandbox/sandbox.ts'
import { sweepOrphans } from '../sandbox/sweep.ts'
import { executionRoutes } from './execution/routes.ts'
import { createExecutionService, type ExecutionService } from './execution/service.ts'
import { createReadiness, type CatalogueEntry, type Readiness } from './languages/readiness.ts'
import { languageRoutes } from './languages/routes.ts'
import { describeSystem } from './system/describe.ts'
import { systemRoutes } from './system/routes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    runtime: { execution: ExecutionService, readiness: Readiness }
  }
}

export interface RuntimeOptions {
  readonly config: Config
  readonly version: string
  readonly instanceId: string
  readonly entries: readonly CatalogueEntry[]
  /** Resolves with the name of the volume that holds the agent, made if need be. */
  readonly agentVolume: () => Promise<string>
}

const SWEEP_MS = 30_000
const LATENCY_SAMPLES = 1_000

/** Execution: catalogue, pool of sandboxes, queue, and their routes. */
export default fp<RuntimeOptions>(async (app, { config, version, instanceId, entries, agentVolume }) => {
  const { docker, log } = app
  const bootId = randomUUID()
  const { execution: limits, sandbox } = config
  const queue = createFairQueue({ concurrency: limits.concurrency, capacity: limits.queueCapacity })
  const latency = createSampleWindow(LATENCY_SAMPLES)
  const pool = createPool({
    log,
    reuse: sandbox.reuse,
    policy: {
      warmPerLanguage: sandbox.warmPerRuntime,
      maxIdleOwned: limits.concurrency,
      maxRuns: sandbox.maxRuns,
      maxAgeMs: sandbox.maxAgeMs,
      maxRefills: 2
    }
  })
  const readiness = createReadiness({
    docker,
    entries,
    pool,
    log,
    startSandbox: async ({ definition, image }, signal) => {
      const missing = missingHardening(await docker.system.info({ signal }))
      if (missing.length > 0) throw new SandboxError(`the Engine cannot harden a sandbox, it lacks ${missing.join(', ')}`)
      return await startSandbox(docker, {
        image,
        language: definition.language,
        instanceId,
        bootId,
        agentVolume: await agentVolume(),
        memoryBytes: definition.limits.memory,
        cpus: definition.limits.cpus,
        pids: definition.limits.pids,
        diskBytes: sandbox.diskBytes,
        ociRuntime: sandbox.ociRuntime
      }, signal)
    }
  })
  const sweep = createLoop({
    intervalMs: SWEEP_MS,
    onError: (err) => log.warn({ err }, 'sweep failed'),
    work: async (signal) => {
      const { removed, stuck } = await sweepOrphans(docker, { instanceId, bootId, isOwned: pool.has, signal })
      if (removed.length > 0) log.info({ removed }, 'orphaned sandboxes removed')
      if (stuck.length > 0) log.error({ stuck }, 'the Engine cannot remove these sandboxes')
    }
  })
  const execution = createExecutionService({ pool, queue, readiness, limits, diskBytes: sandbox.diskBytes, latency })
  app.decorate('runtime', { execution, readiness })

  await app.register(languageRoutes, { readiness })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(executionRoutes, { execution, bodyLimit: limits.bodyLimitBytes })
    await scope.register(systemRoutes, {
      describeSystem: async () => await describeSystem({ docker, version, queue, pool, latency, concurrency: limits.concurrency })
    })
  })

  app.addHook('onListen', async () => {
    await sweep.tick()
    sweep.start()
    pool.start()
    readiness.start()
  })
  // preClose, not onClose: requests under way are waiting for runs that only the pool's end sets free.
  app.addHook('preClose', async () => {
    await readiness.stop()
    await sweep.stop()
    await pool.close()
  })
}, { name: 'runtime', dependencies: ['docker', 'auth'] })
