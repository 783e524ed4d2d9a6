/** The agent broke the protocol: its connection cannot be trusted any further. */
export class AgentProtocolError extends Error {
  override readonly name = 'AgentProtocolError'
}
