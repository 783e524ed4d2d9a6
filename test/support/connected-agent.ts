import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connectAgent, type AgentConnection } from '../../src/sandbox/agent-client/connection.ts'
import type { AgentOptions } from './agent-process.ts'

export interface ConnectedAgent {
  connection: AgentConnection
  pid: number
  stderr: () => string
  /** Nothing is read from the agent until `resumeOutput`. */
  pauseOutput: () => void
  resumeOutput: () => void
  kill: (signal: NodeJS.Signals) => void
  endInput: () => void
  exited: Promise<number | null>
}

/** Starts `agent serve` on pipes, with our own client at the other end of them. */
export async function startConnectedAgent (options: AgentOptions): Promise<ConnectedAgent> {
  const command = [...options.wrapper ?? [], options.binary, 'serve', '--root', options.root,
    ...options.cgroup === undefined ? [] : ['--cgroup', options.cgroup]]
  const child = spawn(command[0]!, command.slice(1), { stdio: 'pipe' })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => { errors += text })
  const exited = once(child, 'close').then(([code]) => code as number | null)
  const connection = await connectAgent({
    stdin: child.stdin,
    stdout: child.stdout,
    destroy: () => {
      child.stdin.destroy()
      child.stdout.destroy()
    }
  })
  return {
    connection,
    pid: child.pid!,
    stderr: () => errors,
    pauseOutput: () => void child.stdout.pause(),
    resumeOutput: () => void child.stdout.resume(),
    kill: (signal) => void child.kill(signal),
    endInput: () => void child.stdin.end(),
    exited
  }
}
