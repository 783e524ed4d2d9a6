import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { ConfigError, loadConfig } from '../config.ts'
import { createDockerClient, DockerError, endpointFromEnv } from '../docker/index.ts'
import { ensureAgentVolume, removeOldAgentVolumes } from '../sandbox/images/agent-volume.ts'
import { CatalogueError, loadCatalogue } from '../sandbox/images/catalogue.ts'
import { findExtraCertificates, hostCertificateSources } from '../sandbox/images/certificates.ts'
import { imageReference, imageSpec, projectImage } from '../sandbox/images/lookup.ts'
import { removeSupersededImages } from '../sandbox/images/prune.ts'
import { proxyArguments } from '../sandbox/images/proxies.ts'
import { AGENT_IMAGE, BASE_IMAGE, ImageSpecError, resolveImages } from '../sandbox/images/resolve.ts'
import { firstLanguages, selectImages } from '../sandbox/images/selection.ts'
import { ensureBaseImage } from './base-image/ensure.ts'
import { CommandError, runCommand } from './command.ts'
import { ensureEngine } from './engine/ensure.ts'
import { ensureGvisor } from './gvisor.ts'
import { findProgram, readHost } from './host.ts'
import { ensureImages } from './images/ensure.ts'
import { raiseKernelLimits } from './kernel-limits.ts'
import { ensureNetworkRules } from './network-rules.ts'
import { createPackages, ensureTestPackages, SetupError } from './packages.ts'
import { createProgress } from './progress.ts'

const DOCKERD_LOG = '/var/log/berth-dockerd.log'
/** The languages whose projects' images `make test` tries; `--project-images` builds those of all. */
const TESTED_PROJECTS = ['c', 'javascript', 'python']
const imagesDirectory = join(import.meta.dirname, '../../sandbox-images')

/** Makes this machine ready to run Berth: Engine, base image, sandbox images, agent. What is there already stays as it is. */
async function main (env: NodeJS.ProcessEnv, args: readonly string[], signal: AbortSignal): Promise<void> {
  const progress = createProgress(process.stdout)
  const host = await readHost(process.getuid?.())
  const docker = createDockerClient(endpointFromEnv(env))

  /** Runs one step under its name. A step that has nothing to say has had nothing to do, and is not shown. */
  async function step<T> (name: string, work: (report: (line: string) => void) => Promise<T>): Promise<T> {
    let task: ReturnType<typeof progress.start> | undefined
    const report = (line: string): void => (task ??= progress.start(name)).line(line)
    try {
      const result = await work(report)
      task?.succeed('done')
      return result
    } catch (error) {
      task?.fail('failed')
      throw error
    }
  }
  const packagesFor = (onLine: (line: string) => void) => createPackages({ host, env, run: runCommand, onLine, signal })

  try {
    const hasProgram = async (name: string): Promise<boolean> => await findProgram(name, env['PATH']) !== undefined
    const isForTests = args.includes('--test')
    const isForProjects = args.includes('--project-images')
    const isPackagesOnly = args.includes('--test-packages')
    if (isForTests || isPackagesOnly) await step('test packages', async (report) => await ensureTestPackages(packagesFor(report), hasProgram))
    if (isPackagesOnly) return
    const catalogue = await loadCatalogue(imagesDirectory)
    const specs = await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(env)))
    const agent = imageSpec(specs, AGENT_IMAGE)
    const languages = firstLanguages(catalogue, isForTests || isForProjects ? ['all'] : loadConfig(env, availableParallelism()).runtimes)

    const projects = isForProjects ? languages : isForTests ? TESTED_PROJECTS : []

    const isEngineElsewhere = (env['DOCKER_HOST'] ?? '') !== ''
    await step('engine', async (report) => await ensureEngine({
      docker, host, env, run: runCommand, packages: packagesFor(report), logFile: DOCKERD_LOG, report, signal
    }))
    await step('network rules', async (report) => await ensureNetworkRules({
      host, isEngineElsewhere, hasNft: await hasProgram('nft'), packages: packagesFor(report), report
    }))
    await step('kernel limits', async (report) => await raiseKernelLimits({ host, env, report }))
    await ensureImages({
      docker,
      specs: selectImages(specs, [...languages, ...projects.map((language) => projectImage(specs, language, true))]),
      env,
      progress,
      signal,
      debian: async () => await step('debian', async (report) => await ensureBaseImage({
        docker, env, run: runCommand, packages: packagesFor(report), report, signal
      }))
    })
    if (isForTests) {
      await step('gvisor', async (report) => await ensureGvisor({
        docker, host, env, run: runCommand, isEngineElsewhere, image: imageReference(specs, BASE_IMAGE), proxies: proxyArguments(env), report
      }))
    }
    await ensureAgentVolume(docker, agent, 'execute', signal)
    await removeOldAgentVolumes(docker, agent)
    await removeSupersededImages(docker, specs)
    process.stdout.write(`ready: ${languages.join(', ')}\n`)
  } finally {
    await docker.close()
  }
}

const interrupt = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupt.abort(new SetupError('interrupted')))

main(process.env, process.argv.slice(2), interrupt.signal).catch((error: unknown) => {
  // What the operator can mend needs no stack.
  const isPlain = [SetupError, ConfigError, CommandError, CatalogueError, ImageSpecError, DockerError].some((type) => error instanceof type)
  process.stderr.write(`\n${isPlain ? (error as Error).message : String(error instanceof Error ? error.stack : error)}\n`)
  process.exitCode = 1
})
