import { DockerError, type DockerClient } from '../../docker/index.ts'
import type { RunCommand } from '../command.ts'
import { findProgram, type Host } from '../host.ts'
import { SetupError, type Packages } from '../packages.ts'
import { startDockerd, waitForEngine } from './daemon.ts'
import { pidFiles, readPidFile } from './pid-file.ts'
import { planEngine, type EngineSnapshot, type EngineStep } from './plan.ts'

const ENGINE_PACKAGES = ['docker.io', 'iptables', 'ca-certificates']
const ANSWER_DEADLINE_MS = 60_000
// Install, then start or wait, then use; anything longer goes in circles.
const MAX_STEPS = 4

export interface EngineSetup {
  readonly docker: DockerClient
  readonly host: Host
  readonly env: NodeJS.ProcessEnv
  readonly packages: Packages
  readonly run: RunCommand
  readonly logFile: string
  readonly report: (line: string) => void
  readonly signal?: AbortSignal
}

/** Brings up an Engine where none answers and this machine allows it. Throws SetupError with what is to be done otherwise. */
export async function ensureEngine (setup: EngineSetup): Promise<void> {
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const step = planEngine(await takeSnapshot(setup))
    if (step.do === 'use') return
    await applyStep(step, setup)
  }
  throw new SetupError('The Docker Engine was installed and started, and still does not answer.')
}

async function takeSnapshot ({ docker, host, env }: EngineSetup): Promise<EngineSnapshot> {
  let problem: DockerError | undefined
  try {
    await docker.system.ping({ deadlineMs: 5_000 })
  } catch (error) {
    if (!(error instanceof DockerError)) throw error
    problem = error
  }
  return {
    ...host,
    answers: problem === undefined,
    problem: problem?.message ?? '',
    isElsewhere: (env['DOCKER_HOST'] ?? '') !== '',
    isForbidden: (problem?.cause as NodeJS.ErrnoException | undefined)?.code === 'EACCES',
    hasDockerd: await findProgram('dockerd', env['PATH']) !== undefined,
    isDockerdAlive: await readPidFile(pidFiles.dockerd, 'dockerd') === 'alive'
  }
}

async function applyStep (step: Exclude<EngineStep, { do: 'use' }>, setup: EngineSetup): Promise<void> {
  const { docker, env, packages, run, logFile, report, signal } = setup
  const wait = { deadlineMs: ANSWER_DEADLINE_MS, logFile, signal }
  switch (step.do) {
    case 'refuse':
      throw new SetupError(step.advice)
    case 'install':
      report(`installing ${ENGINE_PACKAGES.join(', ')}`)
      return await packages.install(ENGINE_PACKAGES, 'The Docker Engine is missing')
    case 'wait':
      report('waiting for the Docker Engine, which is starting')
      return await waitForEngine(docker, wait)
    case 'start': {
      report('starting the Docker Engine')
      if (step.with === 'systemd') {
        await run('systemctl', ['start', 'docker'], { env, onLine: report, signal })
        return await waitForEngine(docker, wait)
      }
      const dockerd = await startDockerd(await findProgram('dockerd', env['PATH']) ?? 'dockerd', logFile, env)
      return await waitForEngine(docker, { ...wait, ...dockerd })
    }
  }
}
