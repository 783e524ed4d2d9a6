import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { afterEach } from 'vitest'
import { connectAgent, type AgentConnection } from '../../src/sandbox/agent-client/connection.ts'
import { attachProcess, listProcesses, startProcess, type ProcessAttachment } from '../../src/sandbox/agent-client/processes.ts'
import type { AttachRequest, KeptProcess, RunningProcess, ScreenSize, StartRequest } from '../../src/sandbox/agent-protocol.ts'
import type { AgentSuite } from './agent-suite.ts'
import { waitFor } from './wait-for.ts'

export const namesOf = (running: readonly RunningProcess[]): string[] => running.map(({ command }) => command.join(' '))

/** Works with processes that PID 1 keeps; each PID 1 that is started is gone after the test, with all that it kept. */
export function keptProcesses ({ binary, root, env }: AgentSuite) {
  const cleanUps: Array<() => Promise<unknown>> = []
  afterEach(async () => await Promise.all(cleanUps.splice(0).map(async (cleanUp) => await cleanUp())))

  /** PID 1 of namespaces of its own, as in a sandbox. */
  async function startInit () {
    const unshare = spawn('unshare', ['--pid', '--net', '--fork', '--kill-child', '--mount-proc', binary(), 'init', '--root', root()], { env: env(), stdio: ['ignore', 'inherit', 'inherit'] })
    const ended = once(unshare, 'close').then(([code]) => code as number)
    const pid = await waitFor('PID 1', async () => {
      const child = Number(await readFile(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8'))
      const sockets = child > 0 ? await readFile(`/proc/${child}/net/unix`, 'utf8').catch(() => '') : ''
      return sockets.includes('@berth-init') && child
    })
    cleanUps.push(async () => {
      // All of its namespace are gone before it is.
      if (unshare.exitCode === null) process.kill(pid, 'SIGKILL')
      await ended
    })
    return { pid, ended }
  }

  async function connect ({ pid }: { pid: number }) {
    const child = spawn('nsenter', ['-t', String(pid), '-n', binary(), 'connect'], { env: env(), stdio: 'pipe' })
    const agent = await connectAgent({ stdin: child.stdin, stdout: child.stdout, destroy: () => child.stdin.end() })
    const gone = once(child, 'close')
    cleanUps.push(async () => {
      agent.close()
      child.kill('SIGKILL')
      await gone
    })
    return { agent, child, gone }
  }

  const start = async (agent: AgentConnection, id: string, command: string, more: Partial<StartRequest> = {}) =>
    await startProcess(agent, { id, label: '{}', restart: 'never', args: ['/bin/sh', '-c', command], env: { BERTH_PROCESS: id, ...env() }, ...more })

  function follow (agent: AgentConnection, request: AttachRequest) {
    let text = ''
    const positions: number[] = []
    const sizes: ScreenSize[] = []
    const streams = new Set<string>()
    const attachment: ProcessAttachment = attachProcess(agent, request, {
      onPosition: (position) => positions.push(position),
      onSize: (size) => sizes.push(size),
      onOutput: (stream, bytes) => {
        streams.add(stream)
        text += bytes.toString('latin1')
      }
    })
    return { ...attachment, text: () => text, positions, sizes, streams, shows: async (part: string) => await waitFor(`${part} in ${text}`, () => text.includes(part)) }
  }

  const kept = async (agent: AgentConnection, id: string): Promise<KeptProcess | undefined> => (await listProcesses(agent)).kept.find((process) => process.id === id)
  const ended = async (agent: AgentConnection, id: string): Promise<KeptProcess> => await waitFor(`the end of ${id}`, async () => {
    const found = await kept(agent, id)
    return found?.state === 'ended' && found
  })

  return { startInit, connect, start, follow, kept, ended }
}
