// The wire codec of sandbox-images/agent/PROTOCOL.md: pure, and trusting nothing that an agent says.
export * from './agent-protocol/constants.ts'
export * from './agent-protocol/error.ts'
export { createFrameReader, encodeFrame, type Frame, type FrameReader } from './agent-protocol/frame.ts'
export {
  decodeCredit, decodeError, decodeHello, encodeCredit, encodeServerHello, encodeSignal, type AgentFailure, type AgentHello
} from './agent-protocol/connection.ts'
export {
  decodeResetResult, decodeRunEvent, decodeRunResult, encodeReset, encodeRun, type CommandRequest, type RunEvent, type RunRequest, type RunResult
} from './agent-protocol/run.ts'
export * from './agent-protocol/files.ts'
export { decodeEntries, decodeEntry, type FileEntry } from './agent-protocol/entries.ts'
export * from './agent-protocol/trees.ts'
export * from './agent-protocol/watch.ts'
export * from './agent-protocol/find.ts'
export * from './agent-protocol/ports.ts'
export * from './agent-protocol/processes.ts'
