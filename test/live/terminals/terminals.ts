import { createDockerClient, endpointFromEnv } from '../../../src/docker/index.ts'
import type { TerminalReport } from '../../../src/projects/terminals/schemas.ts'
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

/** Command lines of everything that runs in the project's container. */
export async function processesOf (projectId: string): Promise<string[]> {
  const docker = createDockerClient(endpointFromEnv(process.env))
  try {
    const { Titles, Processes } = await docker.containers.top(`berth-project-${projectId}`)
    const column = Titles.indexOf('CMD')
    return Processes.map((fields) => fields[column] ?? '')
  } finally {
    await docker.close()
  }
}
