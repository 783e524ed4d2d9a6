import { posix } from 'node:path'
import { errors } from '../../errors.ts'
import { AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { listFiles } from '../../sandbox/agent-client/files.ts'
import { readFile } from '../../sandbox/agent-client/read-file.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { ErrorCode } from '../../sandbox/agent-protocol.ts'
import type { Catalogue } from '../../sandbox/images/catalogue.ts'
import { pathProblem } from '../../sandbox/paths.ts'
import type { FoundProject } from '../core/repo.ts'
import type { ProcessReport } from '../processes/schemas.ts'
import type { ProcessService } from '../processes/service.ts'
import type { ProjectRef, Workspace } from '../workspace/workspace.ts'
import { BERTH_JSON, BERTH_JSON_BYTES, parseBerthJson, type BerthJson } from './berth-json.ts'
import { planRun } from './plan.ts'
import type { RunBody } from './schemas.ts'

const MOST_NEIGHBOURS = 1_000

/** Runs projects and their files, in processes with a terminal. */
export function createRunService ({ catalogue, workspace, processes, memoryBytes }: {
  catalogue: Catalogue
  workspace: Pick<Workspace, 'withAgent'>
  processes: Pick<ProcessService, 'create' | 'startAs'>
  /** Of projects that have not chosen. */
  memoryBytes: number
}) {
  async function read (project: ProjectRef): Promise<BerthJson> {
    const text = await workspace.withAgent(project, readText)
    return text === undefined ? {} : parseBerthJson(text)
  }

  return {
    /** What berth.json says; nothing where there is none. */
    read,

    /** Starts the services that berth.json names, as the project starts. */
    async startServices (projectId: string): Promise<void> {
      const { services = [], env = {} } = await read(projectId)
      for (const service of services) await processes.startAs(projectId, `service-${service.name}`, { ...service, env: { ...env, ...service.env }, keep: true })
    },

    async run (project: FoundProject, body: RunBody): Promise<ProcessReport> {
      const problem = body.path === undefined ? undefined : pathProblem(body.path)
      if (problem !== undefined) throw new errors.BAD_PATH(JSON.stringify(body.path), problem)
      const [berthJson, neighbours] = await Promise.all([
        read(project),
        workspace.withAgent(project, async (agent) => await listNeighbours(agent, posix.dirname(body.path ?? '.')))
      ])
      const { name, cmd, env } = planRun(body, { berthJson, runtime: catalogue.find(project.runtime), memoryBytes: project.memoryBytes ?? memoryBytes, neighbours })
      return await processes.create(project, { name: name.slice(-64), cmd, env: { ...env }, tty: true, ...(body.size !== undefined && { size: body.size }) })
    }
  }
}

async function readText (agent: AgentConnection): Promise<string | undefined> {
  try {
    const { entry, bytes } = await readFile(agent, BERTH_JSON, { length: BERTH_JSON_BYTES })
    if (entry.size > BERTH_JSON_BYTES) {
      bytes.destroy()
      throw new errors.BAD_BERTH_JSON(`it has ${entry.size} bytes, at most ${BERTH_JSON_BYTES} are possible`)
    }
    return Buffer.concat(await bytes.toArray() as Buffer[]).toString()
  } catch (error) {
    if (error instanceof AgentOperationError && error.code === ErrorCode.NOT_FOUND) return undefined
    throw error
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
