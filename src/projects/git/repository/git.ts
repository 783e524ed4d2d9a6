import { errors } from '../../../errors.ts'
import { checkCommandSize } from '../../../programs/command.ts'
import { AgentOperationError } from '../../../sandbox/agent-client/errors.ts'
import { ErrorCode } from '../../../sandbox/agent-protocol.ts'
import { WORKSPACE } from '../../../sandbox/container-spec.ts'
import { runProgram, type ProgramSandbox } from '../../../sandbox/run-program.ts'
import { runStatus } from '../../../sandbox/run-summary.ts'
import { gitEnvironment } from './environment.ts'
import { explainGitFailure } from './explain.ts'
import { MalformedOutputError } from './parse/records.ts'

const TIMEOUT_MS = 60_000
const OUTPUT_BYTES = 256 * 1024
/** What a failure is explained from: the end of what was printed. */
const EXPLAINED_BYTES = 8 * 1024

export interface GitOptions {
  readonly input?: Buffer
  readonly timeoutMs?: number
  readonly outputBytes?: number
  /** Beside that of the project. */
  readonly env?: Readonly<Record<string, string>>
  readonly configuration?: ReadonlyArray<readonly [string, string]>
  /** What is more than there may be is left out, rather than a failure. */
  readonly mayTruncate?: boolean
  /** These exits are no failures. */
  readonly exits?: readonly number[]
}

export interface GitOutput {
  readonly output: Buffer
  readonly isTruncated: boolean
  readonly exitCode: number
}

/** Git in one directory of one project, one command at a time. Throws what the client is to be told. */
export interface Git {
  readonly run: (args: readonly string[], options?: GitOptions) => Promise<GitOutput>
  /** Reads what the command prints; whoever prints something else in git's place fails the call. */
  readonly read: <T>(args: readonly string[], parse: (output: Buffer, isTruncated: boolean) => T, options?: GitOptions) => Promise<T>
}

/** What a program runs in, and with what of the project's. */
export interface GitSandbox extends ProgramSandbox {
  readonly env: Readonly<Record<string, string>>
  readonly directory: string | undefined
}

export function createGit ({ env: given, directory, ...sandbox }: GitSandbox, signal: AbortSignal): Git {
  const absolute = directory === undefined ? WORKSPACE : `${WORKSPACE}/${directory}`

  async function run (args: readonly string[], { input = Buffer.alloc(0), timeoutMs = TIMEOUT_MS, outputBytes = OUTPUT_BYTES, env = {}, configuration, mayTruncate = false, exits = [0] }: GitOptions = {}): Promise<GitOutput> {
    const program = {
      args: ['git', ...args] as [string, ...string[]],
      env: { ...gitEnvironment(given, absolute, configuration), ...env },
      cwd: directory,
      input,
      wallMs: timeoutMs,
      outputLimitBytes: outputBytes
    }
    checkCommandSize(program)
    const { result, stdout, stderr, truncated } = await runProgram(sandbox, program, signal).catch((error: unknown) => {
      if (error instanceof AgentOperationError && error.code === ErrorCode.SPAWN) throw Object.assign(new errors.GIT_UNAVAILABLE(), { cause: error })
      throw error
    })
    const isTruncated = truncated.output
    switch (runStatus(result)) {
      case 'completed': break
      case 'output_limit':
        if (!mayTruncate || !isTruncated) throw new errors.GIT_FAILED(`Git, or a hook, has printed more than ${outputBytes} bytes and was ended`)
        return { output: stdout, isTruncated, exitCode: 0 }
      case 'timeout': throw new errors.GIT_TIMEOUT(timeoutMs / 1000)
      case 'memory_limit': throw new errors.GIT_FAILED('Git took more memory than the project has')
      case 'killed': throw signal.reason
      case 'runtime_error':
        if (result?.exitCode === undefined || !exits.includes(result.exitCode)) {
          throw explainGitFailure(Buffer.concat([stdout.subarray(-EXPLAINED_BYTES), stderr.subarray(-EXPLAINED_BYTES)]).toString())
        }
    }
    return { output: stdout, isTruncated, exitCode: result?.exitCode ?? 0 }
  }

  return {
    run,
    async read (args, parse, options) {
      const { output, isTruncated } = await run(args, options)
      try {
        return parse(output, isTruncated)
      } catch (error) {
        if (!(error instanceof MalformedOutputError)) throw error
        throw Object.assign(new errors.GIT_FAILED('What is called git in the project does not print what git prints'), { cause: error })
      }
    }
  }
}
