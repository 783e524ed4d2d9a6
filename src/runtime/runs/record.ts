import type { SessionStatus } from '../../db/schema/execution-sessions.ts'
import type { LogRow, SessionRow } from './repo.ts'
import type { Session } from './session.ts'
import { summariseResult } from './summary.ts'
import type { OutputMessage } from './transcript.ts'

/** How much of a session's output has been recorded. */
export interface Progress {
  readonly seq: number
  readonly bytes: number
  readonly isTruncated: boolean
  readonly status: SessionStatus | undefined
}

export const nothingRecorded: Progress = { seq: 0, bytes: 0, isTruncated: false, status: undefined }

export interface SessionRecord {
  readonly session: SessionRow
  readonly logs: LogRow[]
  /** Once this is in the database. */
  readonly progress: Progress
}

const MAX_ROW_BYTES = 256 * 1024
/** A row with its place in the indexes, without what is counted. */
const ROW_OVERHEAD_BYTES = 1024

/** What there is to write of a session after `recorded`, with at most `logBytes` of output in all. */
export function takeRecord (session: Session, recorded: Progress, logBytes: number): SessionRecord {
  const { messages, progress } = limitOutput(session.outputAfter(recorded.seq), { ...recorded, status: session.status() }, logBytes)
  return {
    session: describeSession(session, progress),
    logs: groupMessages(messages).map((group) => toLogRow(session.id, group)),
    progress
  }
}

function limitOutput (messages: Iterable<OutputMessage>, { status, ...recorded }: Progress, logBytes: number): { messages: OutputMessage[], progress: Progress } {
  let { seq, bytes, isTruncated } = recorded
  const taken: OutputMessage[] = []
  for (const message of messages) {
    isTruncated ||= bytes + message.bytes.length > logBytes
    if (isTruncated) break
    taken.push(message)
    seq = message.seq
    bytes += message.bytes.length
  }
  return { messages: taken, progress: { seq, bytes, isTruncated, status } }
}

/** Runs of messages of one stream of one stage, none too large for a row. */
function groupMessages (messages: readonly OutputMessage[]): OutputMessage[][] {
  const groups: OutputMessage[][] = []
  let bytes = 0
  for (const message of messages) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    bytes += message.bytes.length
    if (group !== undefined && last?.stream === message.stream && last.stage === message.stage && bytes <= MAX_ROW_BYTES) {
      group.push(message)
    } else {
      groups.push([message])
      bytes = message.bytes.length
    }
  }
  return groups
}

function toLogRow (sessionId: string, group: readonly OutputMessage[]): LogRow {
  const { stage, stream, seq } = group.at(-1) as OutputMessage
  return { sessionId, seq, stage, stream, data: Buffer.concat(group.map(({ bytes }) => bytes)), lengths: group.map(({ bytes }) => bytes.length) }
}

function describeSession (session: Session, { isTruncated, bytes }: Progress): SessionRow {
  const { id, owner, plan, createdAt } = session
  const result = session.result()
  const summary = result === undefined ? null : summariseResult(result)
  return {
    id,
    userId: owner,
    language: plan.runtime.definition.language,
    version: plan.runtime.version,
    isInteractive: plan.isInteractive,
    status: session.status(),
    message: session.message() ?? null,
    exitCode: result?.exitCode ?? null,
    signal: result?.signal ?? null,
    executionTime: result?.executionTime ?? null,
    cpuTime: result?.cpuTime ?? null,
    memory: result?.memory ?? null,
    result: summary,
    isLogTruncated: isTruncated,
    bytes: ROW_OVERHEAD_BYTES + bytes + Buffer.byteLength(JSON.stringify(summary)),
    createdAt,
    startedAt: session.startedAt() ?? null,
    finishedAt: session.finishedAt() ?? null
  }
}
