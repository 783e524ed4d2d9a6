import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config.ts'
import { errors } from '../../errors.ts'
import { measureUsage } from '../../sandbox/agent-client/trees.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { ErrorCode, type FileUsage } from '../../sandbox/agent-protocol.ts'
import { openProjectAgent } from '../../sandbox/project-agent.ts'
import { createSharedAgents, type SharedAgents } from '../../sandbox/shared-agents.ts'
import { hardLimits } from '../guard/plan.ts'
import type { Projects } from '../index.ts'
import type { Changing } from '../volumes/change-marks.ts'
import { createAwakenings } from './awakenings.ts'
import { createFilePlace, type FilePlace, type Fill } from './place.ts'
import { createQuota, type Quota } from './quota.ts'
import { createFindRunning, createWhereabouts } from './repo.ts'
import { createRestingAgents } from './resting-agents.ts'
import { contentRoutes } from './routes/content-routes.ts'
import { listRoute } from './routes/list-route.ts'
import { treeRoutes } from './routes/tree-routes.ts'
import { createSandboxStarter, createSandboxSweep, type SandboxStarterOptions } from './sandboxes.ts'
import { createFileService } from './service.ts'
import { createAudience, type Audience } from './socket/audience.ts'

export interface FilesOptions {
  readonly projects: Projects
  readonly settings: Pick<Config['projects'], 'sizeBytes' | 'entries' | 'fileLimitBytes'>
  readonly specOf: SandboxStarterOptions['specOf']
  readonly forgetEngine: () => void
  readonly fill: Fill
  readonly changing: Changing
}

export interface Files {
  /**
   * Of one that runs, also when its programs hold up the agent that runs with them. No further than there is too much.
   * Undefined if it cannot be told now, `too deep` if that is why.
   */
  readonly measure: (project: { projectId: string, containerId: string }) => Promise<FileUsage | 'too deep' | undefined>
  readonly place: FilePlace
  readonly quota: Quota
  readonly announce: Audience['announce']
  readonly dismiss: Audience['dismiss']
  readonly close: () => Promise<void>
}

const MEASURE_DEADLINE_MS = 5_000
const MEASURE_OUTSIDE_DEADLINE_MS = 30_000

// It takes 40 ms to open one again in a container, 200 ms with a container.
const IDLE_MS = 30_000
const AWAKENINGS_MS = 1_000

/** Projects' files: worked on wherever the project is, running or not. */
export async function registerFiles (app: FastifyInstance, { projects, settings, specOf, forgetEngine, fill, changing }: FilesOptions): Promise<Files> {
  const { auth, db, disk, docker, log, liveness } = app
  const { instanceId, find, hold, stoppingSignal } = projects
  const closing = new AbortController()
  const whereabouts = createWhereabouts(db)
  const sweep = createSandboxSweep({ docker, look: liveness.look, instanceId, log })
  const awakenings = createAwakenings({
    findRunning: createFindRunning(db),
    intervalMs: AWAKENINGS_MS,
    onError: (err) => log.warn({ err }, 'projects that have started could not be looked for')
  })
  const resting = createRestingAgents({
    start: createSandboxStarter({ docker, whereabouts, specOf, forgetEngine, signal: closing.signal }),
    idleMs: IDLE_MS,
    onError: (err, containerId) => log.warn({ err, containerId }, 'a files sandbox could not be removed; the sweep will')
  })
  const running = createRunningAgents(app)
  const place = createFilePlace({ whereabouts, running, stoppingSignal, resting, awakenings, fill, changing })
  const quota = createQuota({
    limitBytes: settings.sizeBytes,
    limitEntries: settings.entries,
    measure: async (agent) => await measureUsage(agent),
    checkDisk: disk.check
  })
  const files = createFileService({ place, quota, fileLimit: settings.fileLimitBytes, hold })
  const audience = createAudience()
  const { bytes: maxBytes, entries: maxEntries } = hardLimits({ bytes: settings.sizeBytes, entries: settings.entries })

  async function measure ({ projectId, containerId }: { projectId: string, containerId: string }): Promise<FileUsage | 'too deep' | undefined> {
    const within = (deadlineMs: number) => async (agent: AgentConnection) =>
      await quota.follow(projectId, measureUsage(agent, { maxBytes, maxEntries }, AbortSignal.timeout(deadlineMs)))
    return await running.use(containerId, within(MEASURE_DEADLINE_MS))
      .catch(async () => await resting.use(projectId, within(MEASURE_OUTSIDE_DEADLINE_MS)))
      .catch((error: unknown) => error instanceof AgentOperationError && error.code === ErrorCode.TOO_DEEP ? 'too deep' : undefined)
  }

  await app.register(listRoute, { auth, find, files, place, audience })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(treeRoutes, { find, files })
    await scope.register(contentRoutes, { find, files })
  })
  app.addHook('onListen', async () => {
    sweep.start()
    awakenings.start()
  })
  return {
    place,
    quota,
    measure,
    announce: audience.announce,
    dismiss: audience.dismiss,
    async close () {
      // Once more: a dead server's sandboxes wait for whoever lives, and this may be the last one.
      await sweep.tick()
      await Promise.all([sweep.stop(), awakenings.stop()])
      closing.abort(new errors.SHUTTING_DOWN())
      await place.close()
    }
  }
}

/** Not those that previews tunnel through: a page with fifty connections would leave no channel for a file. */
function createRunningAgents ({ docker }: FastifyInstance): SharedAgents {
  return createSharedAgents({ idleMs: IDLE_MS, open: async (containerId) => await openProjectAgent(docker, containerId) })
}
