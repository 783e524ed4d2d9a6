import { isDockerError, type DockerClient } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { createDeferred } from '../../lib/deferred.ts'
import { createLoop } from '../../lib/loop.ts'
import { parseEnvironment } from '../../sandbox/environment.ts'
import type { Catalogue, Runtime } from '../../sandbox/images/catalogue.ts'
import { expandEnvironment } from '../../sandbox/images/command-line.ts'
import type { Pool } from '../../sandbox/pool/pool.ts'
import { runProgram } from '../../sandbox/run-program.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { describeStartProblem } from './start-problem.ts'
import type { VersionMemory } from './version-memory.ts'

const CHECK_MS = 3_000
// A look may need a sandbox, and those who run programs need the machine, too.
const CONCURRENT_CHECKS = 3
const VERSION_DEADLINE_MS = 10_000
const VERSION_OUTPUT_BYTES = 64 * 1024

/** A language whose image is there and has told its version. */
export interface ReadyRuntime {
  readonly definition: Runtime
  /** At least major and minor, as semver: `3.13.5`. */
  readonly version: string
  /** What a program's environment begins with. */
  readonly env: Readonly<Record<string, string>>
}

export interface Readiness {
  /** By language or alias, without regard to case. Throws UNKNOWN_LANGUAGE or LANGUAGE_NOT_READY. */
  readonly find: (name: string) => ReadyRuntime
  readonly ready: (language: string) => ReadyRuntime | undefined
  /** Why its sandbox does not start, in the Engine's words; undefined while only its image is missing. */
  readonly problem: (language: string) => string | undefined
  /** The language's image has gone: not ready until it is there again. */
  readonly forget: (language: string) => void
  readonly start: () => void
  /** Resolves after the first look at every image. */
  readonly settled: Promise<void>
  readonly stop: () => Promise<void>
}

// HOME is a tmpfs: what programs leave in their dot files must not be among their artifacts.
const BASE_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/tmp',
  LANG: 'C.UTF-8'
}

/** Watches for the images of the catalogue: a language becomes ready while the server runs, as soon as its image is built. */
export function createReadiness ({ docker, catalogue, imageOf, describeBuild, pool, startSandbox, versions, log }: {
  docker: DockerClient
  catalogue: Catalogue
  imageOf: (language: string) => string
  /** How far the build of its image is, for a sentence. */
  describeBuild: (language: string) => string
  pool: Pool
  startSandbox: (definition: Runtime, signal: AbortSignal) => Promise<Sandbox>
  versions: VersionMemory
  log: { info: (fields: object, message: string) => void, warn: (fields: object, message: string) => void }
}): Readiness {
  const settled = createDeferred<void>()
  const readyRuntimes = new Map<string, ReadyRuntime>()
  /** Why a language whose image is there cannot be run. */
  const problems = new Map<string, string>()

  async function check (definition: Runtime, signal: AbortSignal): Promise<void> {
    const { language } = definition
    let image: Awaited<ReturnType<typeof docker.images.inspect>>
    try {
      image = await docker.images.inspect(imageOf(language), { signal })
    } catch (error) {
      if (!isDockerError(error, 'not_found')) throw error
      problems.delete(language)
      return
    }
    const env = { ...parseEnvironment(image.Config?.Env ?? [], BASE_ENV), ...definition.env }
    pool.addLanguage(language, async (startSignal) => await startSandbox(definition, startSignal))
    const known = versions.recall(image.Id)
    const version = known ?? await readVersion(definition, env, signal)
    if (known === undefined) {
      // Then it is asked again after the next start.
      await versions.keep(image.Id, version).catch((err: unknown) => log.warn({ err, language }, 'the version could not be kept'))
    }
    problems.delete(language)
    readyRuntimes.set(language, { definition, version, env })
    log.info({ language, version }, 'language ready')
  }

  async function readVersion (definition: Runtime, env: Record<string, string>, signal: AbortSignal): Promise<string> {
    const [program, ...args] = definition.versionCommand
    if (program === undefined) throw new Error(`${definition.language}: the version command is empty`)
    const claim = await pool.claim(definition.language, null, signal)
    let verdict: 'reusable' | 'discard' = 'discard'
    try {
      const { stdout, stderr, result } = await runProgram(claim.sandbox, {
        args: [program, ...args],
        wallMs: VERSION_DEADLINE_MS,
        env: expandEnvironment(env, definition.limits.memory),
        input: Buffer.alloc(0),
        outputLimitBytes: VERSION_OUTPUT_BYTES
      }, signal)
      const printed = `${stdout.toString()}\n${stderr.toString()}`
      const version = parseVersion(printed)
      if (result?.exitCode !== 0 || version === undefined) {
        throw new Error(`${definition.language}: "${definition.versionCommand.join(' ')}" printed no version: ${printed.trim().slice(0, 200)}`)
      }
      verdict = 'reusable'
      return version
    } finally {
      claim.release(verdict)
    }
  }

  const loop = createLoop({
    intervalMs: CHECK_MS,
    onError: (err) => log.warn({ err }, 'languages could not be checked'),
    work: async (signal) => {
      const missing = catalogue.runtimes.filter(({ language }) => !readyRuntimes.has(language))
      const left = missing.values()
      const checkThoseLeft = async (): Promise<void> => {
        for (const definition of left) {
          if (signal.aborted) return
          await check(definition, signal).catch((err: unknown) => {
            if (signal.aborted) return
            const problem = describeStartProblem(err)
            // Once, not every few seconds.
            if (problems.get(definition.language) !== problem) log.warn({ err, language: definition.language }, 'language is not ready')
            problems.set(definition.language, problem)
          })
        }
      }
      await Promise.all(Array.from({ length: CONCURRENT_CHECKS }, checkThoseLeft))
      settled.resolve()
    }
  })

  return {
    find (name) {
      const definition = catalogue.find(name)
      if (definition === undefined) {
        throw new errors.UNKNOWN_LANGUAGE(name, catalogue.runtimes.map(({ language }) => language).join(', '))
      }
      const runtime = readyRuntimes.get(definition.language)
      if (runtime !== undefined) return runtime
      const problem = problems.get(definition.language)
      throw problem === undefined ? new errors.LANGUAGE_NOT_READY(definition.language, describeBuild(definition.language)) : new errors.SANDBOX_NOT_STARTING(definition.language, problem)
    },
    ready: (language) => readyRuntimes.get(language),
    problem: (language) => problems.get(language),
    forget: (language) => readyRuntimes.delete(language),
    start: loop.start,
    settled: settled.promise,
    stop: loop.stop
  }
}

/** The first version in what a tool prints, made up to three numbers: `Python 3.13.5` or `v24.1` alike. */
export function parseVersion (text: string): string | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text)
  return match === null ? undefined : `${match[1]}.${match[2]}.${match[3] ?? 0}`
}
