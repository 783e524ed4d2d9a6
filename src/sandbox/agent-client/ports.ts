import { AgentProtocolError, decodeListeningPorts, decodePortsResult, encodePorts, type ListeningPort } from '../agent-protocol.ts'
import type { AgentConnection } from './connection.ts'

const MAX_PORTS = 64

/** What listens in the sandbox, by port; no more than 64, the rest is left out. */
export async function listPorts (agent: AgentConnection, options?: { withPids?: boolean }): Promise<ListeningPort[]> {
  const ports: ListeningPort[] = []
  const channel = agent.open(encodePorts(options), {
    onData: (_stream, bytes) => {
      ports.push(...decodeListeningPorts(bytes, options))
      if (ports.length > MAX_PORTS) throw new AgentProtocolError('the agent listed more ports than it may')
    }
  })
  decodePortsResult(await channel.result)
  return ports.sort((a, b) => a.port - b.port)
}
