import { isDockerError, type DockerClient } from '../../docker/index.ts'
import type { RunCommand } from '../command.ts'
import { findProgram } from '../host.ts'
import { SetupError, type Packages } from '../packages.ts'
import { withDebian } from './debootstrap.ts'

const SUITE = 'trixie'
const OFFICIAL = 'debian:trixie-slim'
const OWN = { repository: 'berth/debian', tag: 'trixie-slim' }
const OWN_REFERENCE = `${OWN.repository}:${OWN.tag}`
// The Engine answers a pull when the registry has answered it.
const REGISTRY_DEADLINE_MS = 8_000

export interface BaseImageSetup {
  readonly docker: DockerClient
  readonly env: NodeJS.ProcessEnv
  readonly packages: Packages
  readonly run: RunCommand
  readonly report: (line: string) => void
  readonly signal?: AbortSignal
}

/** The reference of a minimal Debian: the one that is there, else the official one, else one made from Debian's packages. */
export async function ensureBaseImage (setup: BaseImageSetup): Promise<string> {
  const { docker, report } = setup
  for (const reference of [OFFICIAL, OWN_REFERENCE]) {
    if (await isThere(docker, reference)) return reference
  }
  const problem = await tryPull(setup)
  if (problem === undefined) return OFFICIAL
  report(`${OFFICIAL} cannot be pulled (${problem}): making it from Debian's packages`)
  await makeOwn(setup)
  return OWN_REFERENCE
}

async function isThere (docker: DockerClient, reference: string): Promise<boolean> {
  try {
    await docker.images.inspect(reference)
    return true
  } catch (error) {
    if (isDockerError(error, 'not_found')) return false
    throw error
  }
}

async function tryPull ({ docker, report, signal }: BaseImageSetup): Promise<string | undefined> {
  try {
    const options = { deadlineMs: REGISTRY_DEADLINE_MS, ...(signal === undefined ? {} : { signal }) }
    for await (const { status, id } of docker.images.pull(OFFICIAL, {}, options)) {
      if (status !== undefined) report(id === undefined ? status : `${id}: ${status}`)
    }
    return undefined
  } catch (error) {
    signal?.throwIfAborted()
    if (isDockerError(error)) return error.daemonMessage ?? error.message
    throw error
  }
}

async function makeOwn (setup: BaseImageSetup): Promise<void> {
  const { docker, env, packages, report, signal } = setup
  if (await findProgram('debootstrap', env['PATH']) === undefined) {
    // The keyring is Debian's own on Ubuntu, too.
    await packages.install(['debootstrap', 'debian-archive-keyring'], `${OFFICIAL} cannot be pulled, and making it takes debootstrap`)
  }
  try {
    await withDebian({ ...setup, suite: SUITE }, async (tar) => {
      for await (const { status } of docker.images.import(tar, OWN, signal === undefined ? {} : { signal })) {
        if (status !== undefined) report(status)
      }
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw new SetupError(`${OFFICIAL} could neither be pulled nor made. ${(error as Error).message}`, { cause: error })
  }
}
