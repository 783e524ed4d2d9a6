import { text } from 'node:stream/consumers'
import { createDockerClient, endpointFromEnv } from '../../../src/docker/index.ts'
import type { TerminalReport } from '../../../src/projects/terminals/schemas.ts'
import { projectContainerName } from '../../../src/sandbox/container-spec.ts'
import { openTerminal, type TerminalClient, type TerminalClientOptions } from '../../support/terminal-client.ts'
import { signUp } from '../projects/user.ts'

export interface ConnectOptions extends TerminalClientOptions {
  readonly query?: Record<string, string | number>
}

/** A new user with a running project, and terminals in it. */
export async function createTerminals (origin: string) {
  const user = await signUp(origin)
  const { id: projectId } = await user.createProject()

  function connect ({ query = {}, ...options }: ConnectOptions = {}): TerminalClient {
    const search = Object.entries(query).map(([name, value]) => `${name}=${value}`).join('&')
    return openTerminal(`${origin}/terminal/${projectId}?${search}`, { headers: { 'X-API-Key': user.key }, ...options })
  }

  return {
    user,
    projectId,
    connect,
    /** Opened, and at its first prompt. */
    open: async (options?: ConnectOptions) => {
      const client = connect(options)
      await client.hello()
      await client.shows(/[$] $/)
      return client
    },
    list: async () => {
      const { body } = await user.call<{ terminals: TerminalReport[] }>('GET', `/projects/${projectId}/terminals`)
      return body.terminals
    },
    end: async (terminal: string) => await user.call('DELETE', `/projects/${projectId}/terminals/${terminal}`)
  }
}

const LIST_PROCESSES = `
import os
for pid in os.listdir('/proc'):
  if pid.isdigit() and int(pid) != os.getpid():
    try: print(open(f'/proc/{pid}/cmdline', 'rb').read().replace(b'\\0', b' ').decode().strip())
    except OSError: pass`

// They come and go by themselves: for snapshots, for whoever asks what the project takes of the disk, and to speak with PID 1.
const AGENTS = ['/berth/agent serve --root /workspace', '/berth/agent connect']

/**
 * Command lines of everything that runs in the project's container but Berth's own agents, seen from inside: the
 * Engine's own `top` needs a `ps` on its host.
 */
export async function processesOf (projectId: string): Promise<string[]> {
  const docker = createDockerClient(endpointFromEnv(process.env))
  try {
    const { Id } = await docker.exec.create(projectContainerName(projectId), { Cmd: ['python3', '-c', LIST_PROCESSES], AttachStdout: true, AttachStderr: true })
    const { stdout, stderr } = await docker.exec.start(Id)
    stderr.resume()
    return (await text(stdout)).split('\n').filter((command) => command !== '' && !AGENTS.includes(command))
  } finally {
    await docker.close()
  }
}
