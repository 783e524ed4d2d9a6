import type { ProgramOutcome } from '../../sandbox/run-program.ts'

export type StageName = 'compile' | 'run'
export type StreamName = 'stdout' | 'stderr'

/** Listens in on the bytes of a run as they come, before they are cut into messages. */
export interface RunTap {
  readonly onOutput: (stage: StageName, stream: StreamName, bytes: Buffer) => void
  readonly onStageEnd: (stage: StageName, result: ProgramOutcome['result']) => void
}
