import type { Artifact, Status } from './execute-schemas.ts'
import type { SessionMessage } from './messages.ts'
import type { StoredSession } from './repo.ts'
import type { SessionView } from './session-schemas.ts'
import { summariseResult, type ResultSummary } from './summary.ts'

/** What a follower is sent. */
export type ServerMessage =
  | { type: 'connected', sessionId: string, status: string }
  | { type: 'stage', stage: 'compile' | 'run' }
  | { type: 'output', stream: 'stdout' | 'stderr', data: string, seq: number }
  | { type: 'input_required' }
  | { type: 'error', code: string, message: string }
  | { type: 'execution_complete', artifacts?: Artifact[] } & ResultSummary

/** The contract's message; undefined for what it does not tell. */
export function presentMessage (message: SessionMessage): ServerMessage | undefined {
  switch (message.type) {
    case 'output': return { type: 'output', stream: message.stream, data: message.bytes.toString(), seq: message.seq }
    case 'stage_complete': return undefined
    case 'execution_complete': {
      const { artifacts } = message.result
      return { type: 'execution_complete', ...summariseResult(message.result), ...(artifacts === undefined ? {} : { artifacts }) }
    }
    case 'stage':
    case 'input_required':
    case 'error': return message
  }
}

export function presentSession (row: StoredSession): SessionView {
  const { id, language, version, isInteractive, status, message, exitCode, signal, executionTime, cpuTime, memory, isLogTruncated } = row
  return {
    sessionId: id,
    language,
    version,
    interactive: isInteractive,
    status,
    message,
    exitCode,
    signal,
    executionTime,
    cpuTime,
    memory,
    logTruncated: isLogTruncated,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null
  }
}

/** The recorded result; one whose server died has left none, and gets what is known. */
export function presentResultOf (row: StoredSession): ResultSummary | null {
  if (row.finishedAt === null) return null
  return row.result as ResultSummary | null ?? {
    sessionId: row.id,
    language: row.language,
    version: row.version,
    status: row.status as Status,
    exitCode: null,
    signal: null,
    executionTime: 0,
    cpuTime: 0,
    memory: 0,
    truncated: { output: false, error: false },
    errorKind: null,
    warnings: []
  }
}
