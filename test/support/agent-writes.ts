import { expect } from 'vitest'
import { encodeWrite, EventKind, FrameType } from '../../src/sandbox/agent-protocol.ts'
import { onChannel, type AgentProcess } from './agent-process.ts'

/** How our client fails when the agent refuses. */
export const refused = (code: number) => ({ name: 'AgentOperationError', code })

/** Opens a write, which the agent accepts. */
export async function opened (agent: AgentProcess, channel: number, ...request: Parameters<typeof encodeWrite>): Promise<void> {
  agent.send(FrameType.OPEN, channel, encodeWrite(...request))
  const event = await agent.waitFor(onChannel(channel, FrameType.EVENT), 'ACCEPTED')
  expect(event.payload).toEqual(Buffer.of(EventKind.ACCEPTED))
}

export async function failureCode (agent: AgentProcess, channel: number): Promise<number> {
  return (await agent.waitFor(onChannel(channel, FrameType.ERROR), 'ERROR')).payload.readUInt16BE()
}
