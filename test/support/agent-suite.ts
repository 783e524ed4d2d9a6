import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { agentBuild, buildAgent, type AgentBuild } from './agent-binary.ts'
import { greet, startAgent, type AgentOptions, type AgentProcess } from './agent-process.ts'
import { startConnectedAgent, type ConnectedAgent } from './connected-agent.ts'

export interface AgentSuite {
  build: AgentBuild
  binary: () => string
  /** A fresh directory of the test. */
  root: () => string
  /** A greeted agent on that directory; it is gone after the test at the latest. */
  start: (options?: Partial<AgentOptions>) => Promise<AgentProcess>
  /** The same, spoken to by our own client. */
  connect: (options?: Partial<AgentOptions>) => Promise<ConnectedAgent>
  /** An environment in which what the test started can be found again, wherever it went. */
  env: () => Record<string, string>
}

/** Cases for the agent as the vitest project has it built, each leaving no process behind. */
export function describeAgent (name: string, cases: (suite: AgentSuite) => void): void {
  describe(name, () => {
    const build = agentBuild()
    let binary = ''
    let root = ''
    let mark = ''
    const agents: Array<AgentProcess | ConnectedAgent> = []

    beforeAll(async () => {
      binary = await buildAgent(build)
    }, 300_000)

    beforeEach(async () => {
      root = await mkdtemp(join(tmpdir(), 'berth-agent-root-'))
      mark = randomUUID()
    })

    afterEach(async () => {
      for (const agent of agents.splice(0)) {
        agent.resumeOutput()
        agent.endInput()
        await agent.exited
        expect(agent.stderr()).toBe('')
      }
      expect(await markedProcesses(mark)).toEqual([])
      await rm(root, { recursive: true, force: true })
    }, 60_000)

    cases({
      build,
      binary: () => binary,
      root: () => root,
      env: () => ({ PATH: '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin', BERTH_TEST: mark }),
      async start (options = {}) {
        const agent = startAgent({ binary, root, cgroup: '/nonexistent', ...options })
        agents.push(agent)
        await greet(agent)
        return agent
      },
      async connect (options = {}) {
        const agent = await startConnectedAgent({ binary, root, cgroup: '/nonexistent', ...options })
        agents.push(agent)
        return agent
      }
    })
  })
}

/** Processes with that environment, daemons and orphans included. */
export async function markedProcesses (mark: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const marked = await Promise.all(pids.map(async (pid) => {
    // Gone since, or not ours to see.
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    return environment.includes(`BERTH_TEST=${mark}`) ? pid : undefined
  }))
  return marked.filter((pid) => pid !== undefined)
}

/** Shell words that print the shell's descriptors. Not by a pipe, whose end it holds meanwhile; the glob's own is gone when it is looked at. */
export const listDescriptors = 'cd /proc/$$/fd && for fd in *; do [ -e $fd ] && printf "%s " $fd; done'
