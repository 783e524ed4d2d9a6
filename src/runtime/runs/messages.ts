import type { RunSummary } from '../../sandbox/run-summary.ts'
import type { StageName } from './tap.ts'
import type { ExecuteResult } from './execute-schemas.ts'
import type { OutputMessage } from './transcript.ts'

/** What happens in a session, in the order in which everybody who follows it is told. */
export type SessionMessage =
  | { readonly type: 'stage', readonly stage: StageName }
  | OutputMessage
  /** The program waits for more input right now; a wait that is over is never told. */
  | { readonly type: 'input_required' }
  | { readonly type: 'stage_complete', readonly stage: StageName, readonly summary: RunSummary }
  | { readonly type: 'error', readonly code: string, readonly message: string }
  /** The last one. */
  | { readonly type: 'execution_complete', readonly result: ExecuteResult }
