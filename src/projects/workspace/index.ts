import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config.ts'
import { errors } from '../../errors.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { measureUsage } from '../../sandbox/agent-client/trees.ts'
import { ErrorCode, type FileUsage } from '../../sandbox/agent-protocol.ts'
import { openProjectAgent } from '../../sandbox/project-agent.ts'
import { createSharedAgents } from '../../sandbox/shared-agents.ts'
import { createFindRunning, createLocate } from '../core/location.ts'
import { hardLimits } from '../lifecycle/guard/plan.ts'
import type { Lifecycle } from '../lifecycle/index.ts'
import type { Volumes } from '../lifecycle/volumes/volumes.ts'
import type { WhileDirty } from '../lifecycle/volumes/dirty-flags.ts'
import { createHelperAgents } from './helper-agents.ts'
import { createHelperStarter, createHelperSweep } from './helper-containers.ts'
import { createQuota, type Quota } from './quota.ts'
import { createSizeCheck } from './size-check.ts'
import { createStartNotifications } from './start-notifications.ts'
import { createWorkspace, type Workspace } from './workspace.ts'

export interface OpenWorkspace extends Workspace {
  readonly quota: Quota
  /** Of one that runs, also when its programs hold up the agent that runs with them. No further than there is too much. Undefined if it cannot be told now, `too deep` if it never can. */
  readonly measure: (project: { projectId: string, containerId: string }) => Promise<FileUsage | 'too deep' | undefined>
  /** Throws PROJECT_TOO_LARGE for a project that the guard would stop again. */
  readonly checkSize: (projectId: string) => Promise<void>
}

const MEASURE_DEADLINE_MS = 5_000
const MEASURE_OUTSIDE_DEADLINE_MS = 30_000

// It takes 40 ms to open one again in a container, 200 ms with a container.
const IDLE_MS = 30_000
const STARTS_POLL_MS = 1_000

/** Agents on projects' volumes, whether the projects run or not, and how much their files take. */
export function openWorkspace (app: FastifyInstance, { settings, instanceId, stoppingSignal, specs, volumes, whileDirty }: {
  settings: Pick<Config['projects'], 'sizeBytes' | 'entries'>
  instanceId: string
  stoppingSignal: (containerId: string) => AbortSignal
  specs: Lifecycle['specs']
  volumes: Volumes
  whileDirty: WhileDirty
}): OpenWorkspace {
  const { db, disk, docker, log, liveness } = app
  const closing = new AbortController()
  const locate = createLocate(db)
  const sweep = createHelperSweep({ docker, look: liveness.look, instanceId, log })
  const startNotifications = createStartNotifications({
    findRunning: createFindRunning(db),
    intervalMs: STARTS_POLL_MS,
    onError: (err) => log.warn({ err }, 'projects that have started could not be listed')
  })
  const helpers = createHelperAgents({
    start: createHelperStarter({ docker, locate, createOnVolume: volumes.createOn, specOf: specs.helperSpecOf, forgetEngine: specs.forgetEngine, signal: closing.signal }),
    idleMs: IDLE_MS,
    onError: (err, containerId) => log.warn({ err, containerId }, 'a helper container could not be removed; the sweep will')
  })
  // Not those that previews tunnel through: a page with fifty connections would leave no channel for a file.
  const running = createSharedAgents({ idleMs: IDLE_MS, open: async (containerId) => await openProjectAgent(docker, containerId) })
  const workspace = createWorkspace({ locate, running, stoppingSignal, helpers, startNotifications, ensureReady: volumes.ensureReady, whileDirty })
  const limits = { bytes: settings.sizeBytes, entries: settings.entries }
  const quota = createQuota({
    limitBytes: limits.bytes,
    limitEntries: limits.entries,
    measure: async (agent) => await measureUsage(agent),
    checkDisk: disk.check
  })
  const { bytes: maxBytes, entries: maxEntries } = hardLimits(limits)

  app.addHook('onListen', async () => {
    sweep.start()
    startNotifications.start()
  })
  return {
    withAgent: workspace.withAgent,
    quota,
    checkSize: createSizeCheck({ quota, limits, withAgent: workspace.withAgent }),
    async measure ({ projectId, containerId }) {
      const within = (deadlineMs: number) => async (agent: AgentConnection) =>
        await quota.follow(projectId, measureUsage(agent, { maxBytes, maxEntries }, AbortSignal.timeout(deadlineMs)))
      return await running.use(containerId, within(MEASURE_DEADLINE_MS))
        .catch(async () => await helpers.use(projectId, within(MEASURE_OUTSIDE_DEADLINE_MS)))
        .catch((error: unknown) => error instanceof AgentOperationError && error.code === ErrorCode.TOO_DEEP ? 'too deep' : undefined)
    },
    async close () {
      // Once more: a dead server's containers wait for whoever lives, and this may be the last one.
      await sweep.tick()
      await Promise.all([sweep.stop(), startNotifications.stop()])
      closing.abort(new errors.SHUTTING_DOWN())
      await workspace.close()
    }
  }
}
