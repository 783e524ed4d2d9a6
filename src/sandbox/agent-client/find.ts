import { AgentProtocolError, FrameType, decodeFindResult, decodeMatches, encodeFind, type FileMatch, type FindRequest } from '../agent-protocol.ts'
import type { AgentConnection } from './connection.ts'
import { resultOf } from './result.ts'

export interface FindHandlers {
  /** In no particular order of the paths. While its promise is open the search goes on only a little further; if it fails, the search does. */
  readonly onMatches: (matches: FileMatch[]) => void | Promise<void>
}

/** Looks for files by name, by content or both. `truncated` when there may be more than was reported. */
export async function findFiles (
  agent: AgentConnection, request: FindRequest, { onMatches }: FindHandlers, signal?: AbortSignal
): Promise<{ matches: number, truncated: boolean }> {
  signal?.throwIfAborted()
  let received = 0
  let handled = Promise.resolve()
  const channel = agent.open(encodeFind(request), {
    onData: (_stream, payload) => {
      const matches = decodeMatches(payload)
      received += matches.length
      handled = handled.then(() => onMatches(matches))
      handled.catch(() => channel.control(FrameType.CANCEL))
      return handled
    }
  })
  const search = resultOf(channel, signal).then(decodeFindResult)
  await Promise.allSettled([search])
  signal?.throwIfAborted()
  // First, because a handler that fails is what cancelled the search.
  await handled
  const result = await search
  if (result.matches !== received) throw new AgentProtocolError('the agent lost matches of a search')
  return result
}
