import { runStatus } from '../../../sandbox/run-summary.ts'
import { streamProgram, type ProgramSandbox } from '../../../sandbox/run-program.ts'
import type { Repository } from '../../core/source/source.ts'
import { explainFailure } from './explain.ts'
import { CloneFailedError } from './failure.ts'
import { GIT_ENVIRONMENT, type Command } from './plan.ts'
import { createProgressReader, type CloneProgress } from './progress.ts'

/** Of its progress and its complaints; a server that sends endless remarks ends the clone. */
const OUTPUT_BYTES = 4 * 1024 * 1024
const COMMIT_TIMEOUT_MS = 10_000

/** Where git runs: in the project's own sandbox, as its user. */
export interface GitSandbox extends ProgramSandbox {
  /** The container's. */
  readonly env: Readonly<Record<string, string>>
}

/** Runs the commands one after another. Throws CloneFailedError, or the signal's reason. */
export async function runGit (sandbox: GitSandbox, commands: readonly Command[], { repository, timeoutMs, onProgress }: {
  repository: Repository
  /** For all of them together. */
  timeoutMs: number
  onProgress: (progress: CloneProgress) => void
}, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + timeoutMs
  const reader = createProgressReader(onProgress)
  for (const args of commands) {
    const wallMs = Math.max(1, Math.round(deadline - performance.now()))
    const result = await run(sandbox, args, wallMs, (stream, bytes) => { if (stream === 'stderr') reader.write(bytes) }, signal)
    switch (runStatus(result)) {
      case 'completed': continue
      case 'timeout': throw new CloneFailedError(`The clone took longer than ${timeoutMs / 1000} s`)
      case 'memory_limit': throw new CloneFailedError('The clone took more memory than a project has')
      case 'output_limit': throw new CloneFailedError('The repository\'s server sends too many remarks')
      case 'killed': throw signal.reason
      case 'runtime_error': throw new CloneFailedError(explainFailure(reader.end(), repository))
    }
  }
}

/** The commit that is checked out in the project's directory; null where there is none. */
export async function readCommit (sandbox: GitSandbox, signal: AbortSignal): Promise<string | null> {
  let output = ''
  await run(sandbox, ['git', 'rev-parse', '--verify', '--quiet', 'HEAD'], COMMIT_TIMEOUT_MS, (stream, bytes) => {
    if (stream === 'stdout') output += bytes.toString('latin1')
  }, signal)
  return /^([0-9a-f]{40}|[0-9a-f]{64})\n$/.test(output) ? output.trimEnd() : null
}

async function run (sandbox: GitSandbox, args: Command, wallMs: number, onOutput: (stream: 'stdout' | 'stderr', bytes: Buffer) => void, signal: AbortSignal) {
  return await streamProgram(sandbox, {
    args,
    wallMs,
    env: { ...sandbox.env, ...GIT_ENVIRONMENT },
    input: Buffer.alloc(0),
    outputLimitBytes: OUTPUT_BYTES
  }, { onOutput }, signal)
}
