import type { AgentRun } from '../../sandbox/agent-client/operations.ts'
import type { ProgramOutcome } from '../../sandbox/run-program.ts'

export type StageName = 'compile' | 'run'
export type StreamName = 'stdout' | 'stderr'

/** Who follows a run while it is under way, and keeps what it prints. */
export interface RunObserver {
  readonly onClaim: (sandboxId: string) => void
  /** The program of a stage has been asked for; from now until its end it can be given input and signals. */
  readonly onStage: (stage: StageName, program: AgentRun) => void
  readonly onOutput: (stage: StageName, stream: StreamName, bytes: Buffer) => void
  readonly onInputWait: () => void
  /** Nothing more will come of the stage. Answers with all that it has printed. */
  readonly onStageEnd: (stage: StageName, result: ProgramOutcome['result']) => { stdout: Buffer, stderr: Buffer }
}

/** Who listens in on the bytes of a run as they come, before they are cut into messages. */
export type RunTap = Pick<RunObserver, 'onOutput'> & {
  readonly onStageEnd: (stage: StageName, result: ProgramOutcome['result']) => void
}
