import type { AgentConnection } from './connection.ts'

/** Waits for an agent's work, and closes the connection when that takes too long or is no longer wanted: it cannot be used any more. */
export async function withAgentDeadline<T> (agent: AgentConnection, deadlineMs: number, work: Promise<T>, signal?: AbortSignal): Promise<T> {
  const close = (): void => agent.close()
  const deadline = setTimeout(close, deadlineMs)
  if (signal?.aborted === true) close()
  signal?.addEventListener('abort', close, { once: true })
  try {
    return await work
  } finally {
    clearTimeout(deadline)
    signal?.removeEventListener('abort', close)
  }
}
