import { randomUUID } from 'node:crypto'
import { posix } from 'node:path'
import { errors } from '../../errors.ts'
import { AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { listFiles } from '../../sandbox/agent-client/files.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { ErrorCode } from '../../sandbox/agent-protocol.ts'
import type { Catalogue } from '../../sandbox/images/catalogue.ts'
import { pathProblem } from '../../sandbox/paths.ts'
import type { FoundProject } from '../core/repo.ts'
import type { ProcessService } from '../processes/service.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { readBerthJson } from './berth-json.ts'
import { withPackages } from './packages.ts'
import { environmentOf, planRun } from './plan.ts'
import type { RunBody, RunReport } from './schemas.ts'

const MOST_NEIGHBOURS = 1_000

/** Runs projects and their files, in processes with a terminal. */
export function createRunService ({ catalogue, workspace, processes, memoryBytes, runtimeOf, previewOf }: {
  catalogue: Catalogue
  workspace: Pick<Workspace, 'withAgent'>
  processes: Pick<ProcessService, 'create' | 'startAs'>
  /** Of projects that have not chosen. */
  memoryBytes: number
  runtimeOf: (projectId: string) => Promise<string | undefined>
  /** Where somebody sees what the project serves on a port, or on that which all are given. */
  previewOf: (projectId: string, port: number | undefined) => RunReport['preview']
}) {
  return {
    /** Starts the services that berth.json names, as the project starts. */
    async startServices (projectId: string): Promise<void> {
      const berthJson = await workspace.withAgent(projectId, readBerthJson)
      const { services = [], packages } = berthJson
      if (services.length === 0) return
      const runtime = catalogue.find(await runtimeOf(projectId) ?? '')
      for (const service of services) {
        const body = { ...service, cmd: withPackages(service.cmd, packages, runtime), env: { ...environmentOf(berthJson), ...service.env }, keep: true }
        await processes.startAs(projectId, `service-${service.name}`, body)
      }
    },

    async run (project: FoundProject, body: RunBody): Promise<RunReport> {
      const problem = body.path === undefined ? undefined : pathProblem(body.path)
      if (problem !== undefined) throw new errors.BAD_PATH(JSON.stringify(body.path), problem)
      const [berthJson, neighbours] = await Promise.all([
        workspace.withAgent(project, readBerthJson),
        workspace.withAgent(project, async (agent) => await listNeighbours(agent, posix.dirname(body.path ?? '.')))
      ])
      const { name, cmd, env } = planRun(body, { id: randomUUID(), berthJson, runtime: catalogue.find(project.runtime), memoryBytes: project.memoryBytes ?? memoryBytes, neighbours })
      const process = await processes.create(project, { name: name.slice(-64), cmd, env: { ...env }, tty: true, ...(body.size !== undefined && { size: body.size }) })
      return { ...process, preview: previewOf(project.id, berthJson.preview) }
    }
  }
}

async function listNeighbours (agent: AgentConnection, directory: string): Promise<string[]> {
  try {
    const { entries } = await listFiles(agent, { path: directory === '.' ? '' : directory, depth: 1, limit: MOST_NEIGHBOURS })
    return entries.filter(({ type }) => type !== 'directory').map(({ path }) => path.toString())
  } catch (error) {
    if (error instanceof AgentOperationError && (error.code === ErrorCode.NOT_FOUND || error.code === ErrorCode.BAD_PATH)) return []
    throw error
  }
}
