import type { Config } from '../config.ts'
import type { ContainerInspect } from '../docker/index.ts'
import type { NetworkReport } from '../sandbox/network/project-network.ts'
import type { SharedAgents } from '../sandbox/shared-agents.ts'
import type { ProjectOf } from './core/access.ts'
import type { FoundProject } from './core/repo.ts'
import type { InRunning } from './core/running.ts'
import type { RoleWatch } from './core/role-watch.ts'
import type { Access } from './core/roles.ts'
import type { ProjectService } from './core/service.ts'
import type { OnStep } from './lifecycle/steps.ts'
import type { Listening } from './lifecycle/status/listening.ts'
import type { Volumes } from './lifecycle/volumes/volumes.ts'
import type { VariableService } from './variables/service.ts'
import type { OpenWorkspace } from './workspace/index.ts'
import type { Viewers } from './workspace/viewers.ts'

declare module 'fastify' {
  interface FastifyInstance {
    projects: Projects
  }
}

export interface SshReport {
  readonly host: string
  readonly port: number
  readonly hostKey: { readonly type: string, readonly fingerprint: string }
}

/** What others may do with projects. */
export interface Projects {
  /** Whose containers, volumes and networks on the Engine are ours. */
  readonly instanceId: string
  /** For somebody who wants to do that with it. Throws PROJECT_NOT_FOUND also where they have no part in it. */
  readonly find: (userId: string, id: string, access: Access) => Promise<FoundProject>
  /** Resolves with a container that runs, started if need be. */
  readonly start: (projectId: string) => Promise<ContainerInspect>
  /** Does something in its container, started if need be; what it does may be done twice, if it throws NotRunningError first. */
  readonly inRunning: InRunning
  /** Something was done in the project just now; cheap enough for every byte. */
  readonly touch: (projectId: string) => void
  /** The project counts as active until the returned function is called. */
  readonly hold: (projectId: string) => () => void
  /** Aborted when the container is about to end, or has ended. */
  readonly stoppingSignal: (containerId: string) => AbortSignal
  /** Called with a project whose container has ended, whoever ended it. Returns how to unsubscribe. */
  readonly onStopped: (listener: (projectId: string) => void) => () => void
  /** What projects may reach, and how that is kept. */
  readonly describeNetwork: () => Promise<NetworkReport>
  /** Where projects are reached by SSH; null where they are not. */
  readonly describeSsh: () => SshReport | null
  /** Makes database and Engine agree, now. */
  readonly reconcile: () => Promise<void>
}

/** What a feature of projects registers with. */
export interface ProjectsCore extends Projects {
  readonly config: Config
  /** By what the request's route says that it does with the project. */
  readonly projectOf: ProjectOf
  readonly roles: RoleWatch
  readonly service: ProjectService
  readonly variables: VariableService
  readonly workspace: OpenWorkspace
  readonly volumes: Volumes
  /** Agents of running projects for what is asked of them now and then, and for previews. */
  readonly agents: SharedAgents
  readonly listening: Listening
  readonly viewers: Viewers
  readonly leaseMs: number
  readonly onStep: OnStep
}
