import { createDockerClient, DockerError, endpointFromEnv, type DockerClient } from '../../docker/index.ts'
import { missingImages } from '../languages.ts'
import type { Config } from '../../config.ts'
import type { Arguments, Surroundings } from '../command.ts'
import { readSettings } from '../settings.ts'
import { judgeEngine } from './engine.ts'
import { broken, ok, renderFindings, weak, type Finding } from './finding.ts'
import { checkDisk, checkFilter, checkLimits } from './machine.ts'
import { checkDatabase, checkNames, checkPort, checkStore } from './reach.ts'

const ENGINE = { deadlineMs: 5_000 }

/** Looks at all that a server with these settings needs. Ends with 1 where something is broken. */
export async function doctor ({ options }: Arguments, { env, stdout }: Surroundings): Promise<number> {
  const findings = await examine(env)
  stdout.write(options['json'] === true ? `${JSON.stringify({ findings }, null, 2)}\n` : renderFindings(findings))
  return findings.some(({ state }) => state === 'broken') ? 1 : 0
}

async function examine (env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const config = readConfig(env)
  if ('state' in config) return [config]
  const { dataDir, disk, sandbox } = config
  const isEngineElsewhere = (env['DOCKER_HOST'] ?? '') !== ''
  const docker = createDockerClient(endpointFromEnv(env))
  try {
    const engine = await examineEngine(docker, config, env)
    const others = await Promise.all([
      checkDisk('disk', dataDir, disk.reserveBytes),
      ...(engine.directory === undefined ? [] : [checkDisk('disk', engine.directory, disk.reserveBytes)]),
      ...(isEngineElsewhere ? [] : [checkLimits()]),
      checkFilter(sandbox.egress, sandbox.networkMode),
      checkPort(config),
      checkDatabase(config, Date.now),
      checkStore(config),
      checkNames(config)
    ])
    return [...engine.findings, ...others.flat()]
  } finally {
    await docker.close()
  }
}

function readConfig (env: NodeJS.ProcessEnv): Config | Finding {
  try {
    return readSettings(env)
  } catch (error) {
    return broken('configuration', (error as Error).message, 'correct it; the rest is looked at when it is right')
  }
}

async function examineEngine (docker: DockerClient, { sandbox }: Config, env: NodeJS.ProcessEnv): Promise<{ findings: Finding[], directory: string | undefined }> {
  try {
    const [version, info] = await Promise.all([docker.system.version(ENGINE), docker.system.info(ENGINE)])
    const missing = await missingImages(docker, env)
    return {
      findings: [
        ...judgeEngine({ version, info, runtime: sandbox.ociRuntime, now: Date.now() }),
        missing.length === 0 ? ok('languages', 'all that are offered are built') : weak('languages', `not built: ${missing.join(', ')}`, 'berth languages build')
      ],
      directory: (env['DOCKER_HOST'] ?? '') === '' ? info.DockerRootDir : undefined
    }
  } catch (error) {
    if (!(error instanceof DockerError)) throw error
    return { findings: [broken('engine', error.message, 'start the Docker Engine, set DOCKER_HOST, or let this user into the group docker; berth setup installs one')], directory: undefined }
  }
}
