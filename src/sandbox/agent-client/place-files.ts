import { each } from '../../lib/each.ts'
import { AgentProtocolError, INITIAL_CREDIT, type AgentPath } from '../agent-protocol.ts'
import type { AgentConnection } from './connection.ts'
import { writeFile } from './write-file.ts'

export interface FileToPlace {
  readonly path: AgentPath
  readonly content: Uint8Array
}

export interface Placement {
  /** All files are in place. Rejects when one of them could not be made. */
  readonly placed: Promise<void>
  /**
   * Everything has been sent already. The agent handles frames in order and a file is in place when its END has been
   * handled, so a program that is asked for now finds the files; if one of them is refused, it is to be cancelled.
   */
  readonly isSent: boolean
}

/** What leaves without a wait: more would only fill the pipe. */
const PACKET_BYTES = 1024 ** 2
const FILES_AT_ONCE = 16

/** Nothing outlives the run, so that nothing has to reach the disk. */
async function place (agent: AgentConnection, { path, content }: FileToPlace): Promise<void> {
  const { entry } = await writeFile(agent, path, content, { sync: false })
  if (entry.size !== content.length) throw new AgentProtocolError(`the agent wrote ${entry.size} of ${content.length} bytes`)
}

/** Places files beneath the agent's root, in one packet if they are few and small. */
export function placeFiles (agent: AgentConnection, files: readonly FileToPlace[]): Placement {
  // One channel is left for the program.
  const channels = agent.hello.maxChannels - 1
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0)
  const isSent = files.length <= channels && bytes <= PACKET_BYTES && files.every(({ content }) => content.length <= INITIAL_CREDIT)
  const begin = async (file: FileToPlace): Promise<void> => await place(agent, file)
  const placed = isSent
    ? Promise.all(files.map(begin)).then(() => undefined)
    : each(files, Math.max(1, Math.min(channels, FILES_AT_ONCE)), begin)
  // With a program that runs meanwhile it is awaited only afterwards.
  placed.catch(() => undefined)
  return { placed, isSent }
}
