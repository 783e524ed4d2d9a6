import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DockerClient } from '../docker/index.ts'
import type { RunCommand } from './command.ts'
import { readTarFiles } from '../sandbox/images/tar-files.ts'
import { pidFiles, readPidFile } from './engine/pid-file.ts'
import { readIfThere, type Host } from './host.ts'
import { SetupError } from './packages.ts'

const NAME = 'runsc'
const DIRECTORY = '/usr/local/lib/berth'
const ENGINE_CONFIG = '/etc/docker/daemon.json'
const RELOAD_MS = 200
const RELOAD_TRIES = 50
// No network: what runs under it in the tests needs none, and this platform and no other works on any machine.
const WRAPPER = `#!/bin/sh\nexec ${DIRECTORY}/runsc --platform=systrap --network=none "$@"\n`

export interface GvisorSetup {
  readonly docker: DockerClient
  readonly host: Host
  readonly env: NodeJS.ProcessEnv
  readonly run: RunCommand
  readonly isEngineElsewhere: boolean
  /** An image of Debian trixie, whose gVisor is new enough. */
  readonly image: string
  /** Proxies that apt-get is to use. */
  readonly proxies: Readonly<Record<string, string>>
  readonly report: (line: string) => void
}

/**
 * For the tests: gives an Engine that runs without systemd, as one does that Berth has started itself, the runtime
 * `runsc`. An Engine with a configuration of its own stays as it is, and the tests then say that they leave gVisor out.
 */
export async function ensureGvisor (setup: GvisorSetup): Promise<void> {
  const { docker, host, env, run, isEngineElsewhere, report } = setup
  if (await hasRuntime(docker)) return
  const isOurs = host.isRoot && !host.hasSystemd && !isEngineElsewhere && await readPidFile(pidFiles.dockerd, 'dockerd') === 'alive'
  if (!isOurs || await readIfThere(ENGINE_CONFIG) !== '') {
    report(`the Engine has no runtime "${NAME}", and it is not ours to give it one: gVisor is not tested`)
    return
  }
  report('fetching gVisor from Debian\'s packages')
  const program = await fetchProgram(setup)
  await mkdir(DIRECTORY, { recursive: true })
  await writeExecutable('runsc', program)
  await writeExecutable('runsc-systrap', WRAPPER)
  await mkdir('/etc/docker', { recursive: true })
  await writeFile(ENGINE_CONFIG, `${JSON.stringify({ runtimes: { [NAME]: { path: join(DIRECTORY, 'runsc-systrap') } } }, null, 2)}\n`)
  await run('kill', ['-HUP', (await readFile(pidFiles.dockerd, 'utf8')).trim()], { env })
  for (let tries = 0; !await hasRuntime(docker); tries++) {
    if (tries === RELOAD_TRIES) throw new SetupError(`The Engine does not take the runtime of ${ENGINE_CONFIG}. Remove the file, or see the Engine's log`)
    await sleep(RELOAD_MS)
  }
  report(`the Engine has the runtime "${NAME}" from now on (${ENGINE_CONFIG})`)
}

async function hasRuntime (docker: DockerClient): Promise<boolean> {
  return (await docker.system.info()).Runtimes[NAME] !== undefined
}

async function writeExecutable (name: string, content: string | Buffer): Promise<void> {
  const file = join(DIRECTORY, name)
  await writeFile(file, content)
  await chmod(file, 0o755)
}

/** Installed in a container, as this machine's own release may have an older one or none. */
async function fetchProgram ({ docker, image, proxies }: GvisorSetup): Promise<Buffer> {
  const { Id } = await docker.containers.create({
    Image: image,
    Cmd: ['sh', '-c', 'apt-get update -qq && apt-get install -y -qq --no-install-recommends runsc'],
    User: '0',
    Env: Object.entries({ ...proxies, DEBIAN_FRONTEND: 'noninteractive' }).map(([name, value]) => `${name}=${value}`)
  })
  try {
    const { exit } = await docker.containers.wait(Id, 'next-exit')
    await docker.containers.start(Id)
    const { statusCode } = await exit
    if (statusCode !== 0) throw new SetupError(`gVisor could not be installed in a container of ${image}: apt-get ended with ${statusCode}`)
    const { tar } = await docker.containers.getArchive(Id, '/usr/bin/runsc')
    return Buffer.concat((await readTarFiles(tar)).map(({ content }) => content))
  } finally {
    await docker.containers.remove(Id, { force: true, volumes: true })
  }
}
