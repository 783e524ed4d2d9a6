import Type from 'typebox'
import { count, duration, size, text, type Values } from './schema.ts'

export const runVariables = {
  RUNTIMES: Type.Optional(text('languages to build and offer, separated by commas, built before the start; default all, of which `make run` builds python, javascript and bun before it starts and the others while it runs. `all` builds all before', '^[A-Za-z0-9.+#-]+(\\s*,\\s*[A-Za-z0-9.+#-]+)*$')),
  CODE_POLICY: Type.Enum(['off', 'warn', 'block'], { default: 'warn', description: 'what becomes of programs in which a language\'s `policy` finds something: nothing, `warnings` in the answer, or a refusal' }),
  PISTON_VERSIONS: Type.Enum(['nearest', 'strict'], { default: 'nearest', description: 'what a plain version such as `3.10.0` means to the Piston API where another one is installed: the one that there is, or an error' }),
  EXEC_CONCURRENCY: Type.Optional(count(undefined, 1, 'runs at once; default 2 x CPUs. Half as many again are for users who have hardly run anything lately, one each')),
  EXEC_QUEUE: count(200, 0, 'runs that may wait; one more is rejected with 429'),
  EXEC_TIMEOUT_MAX: duration('60s', 'highest `timeout` and `compileTimeout` that a request may ask for'),
  EXEC_MEMORY_MAX: size('1g', 'highest `memoryLimit` that a request may ask for'),
  SESSION_TIMEOUT_MAX: duration('30m', 'highest `timeout` that an interactive session may ask for'),
  RETENTION_DAYS: count(30, 1, 'days after which recorded sessions are deleted'),
  SESSION_HISTORY_SIZE: size('4g', 'bytes that recorded sessions may have in the database; beyond it the oldest of those who have most are deleted')
}

const MIB = 1024 ** 2
/** Of the machine's, for the memory limits of all runs and sessions at once; the others wait. */
const MEMORY_SHARE = 3 / 4
const SESSIONS_PER_CPU = 16
const SESSION_TIMEOUT_MS = 5 * 60_000
const SESSION_GRACE_MS = 30_000
const SESSION_LOG_BYTES = MIB
/** Of a request that names no `outputLimit`. */
const OUTPUT_BYTES = MIB
const OUTPUT_MAX_BYTES = 16 * MIB
const BODY_BYTES = 8 * MIB
/** Of programs and files that wait. */
const QUEUE_BYTES = 128 * MIB

export function toRuns (env: Values<typeof runVariables>, cpus: number, machineBytes: number) {
  const concurrency = env.EXEC_CONCURRENCY ?? 2 * cpus
  const sessions = SESSIONS_PER_CPU * cpus
  return {
    runtimes: env.RUNTIMES?.split(',').map((name) => name.trim()),
    pistonVersions: env.PISTON_VERSIONS,
    execution: {
      codePolicy: env.CODE_POLICY,
      concurrency,
      perOwner: Math.max(concurrency - 1, 1),
      burst: Math.ceil(concurrency / 2),
      queueCapacity: env.EXEC_QUEUE,
      queueBytes: QUEUE_BYTES,
      memoryBytes: Math.floor(machineBytes * MEMORY_SHARE),
      timeoutMaxMs: env.EXEC_TIMEOUT_MAX,
      memoryMaxBytes: env.EXEC_MEMORY_MAX,
      outputBytes: OUTPUT_BYTES,
      outputMaxBytes: OUTPUT_MAX_BYTES,
      bodyLimitBytes: BODY_BYTES,
      interactiveTimeoutMs: Math.min(SESSION_TIMEOUT_MS, env.SESSION_TIMEOUT_MAX),
      interactiveTimeoutMaxMs: env.SESSION_TIMEOUT_MAX
    },
    // Sessions wait for people, so they do not take the slots of runs.
    sessions: {
      concurrency: sessions,
      perOwner: sessions / 2,
      burst: sessions / 4,
      graceMs: SESSION_GRACE_MS,
      logBytes: SESSION_LOG_BYTES,
      retentionDays: env.RETENTION_DAYS,
      historyBytes: env.SESSION_HISTORY_SIZE
    }
  }
}
