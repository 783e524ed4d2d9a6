import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDockerError, type DockerClient } from '../../docker/index.ts'
import { imageLabels } from './labels.ts'
import type { ImageSpec } from './resolve.ts'
import { readTarFiles } from './tar-files.ts'

/** Where the image has the agent: for the kernel, or for a runtime that starts no program that it cannot read (gVisor). */
const agentDirectories = { execute: '/berth', read: '/berth-readable' } as const
export type AgentAccess = keyof typeof agentDirectories

const LEFTOVER_AFTER_MS = 60_000
const ATTEMPTS = 5
const RETRY_MS = 200

/** The volume that is mounted read-only at /berth of every sandbox. */
export function agentVolumeName (agent: ImageSpec, access: AgentAccess = 'execute'): string {
  return `berth-agent-${agent.hash}${access === 'read' ? '-readable' : ''}`
}

/**
 * Makes the volume and returns its name. The Engine fills an empty volume from the image when a container is created,
 * and a crash can leave it half filled: it counts as complete only when it holds what the image holds.
 */
export async function ensureAgentVolume (docker: DockerClient, agent: ImageSpec, access: AgentAccess = 'execute', signal?: AbortSignal): Promise<string> {
  const options = signal === undefined ? {} : { signal }
  const name = agentVolumeName(agent, access)
  const directory = agentDirectories[access]
  const program = `${directory}/agent`
  const labels = { [imageLabels.agent]: agent.hash }

  /** What the agent is in the image, or in the volume, as one comparable text. */
  async function digest (mounts: { Type: 'volume', Source: string, Target: string }[]): Promise<string> {
    const { Id } = await docker.containers.create({
      Image: agent.reference,
      Cmd: [program],
      Labels: { [imageLabels.agentFiller]: agent.hash },
      NetworkDisabled: true,
      HostConfig: { NetworkMode: 'none', Mounts: mounts }
    }, {}, options)
    try {
      const { tar } = await docker.containers.getArchive(Id, program, options)
      const [file] = await readTarFiles(tar)
      return file === undefined ? 'absent' : `${file.mode.toString(8)} ${createHash('sha256').update(file.content).digest('hex')}`
    } catch (error) {
      if (isDockerError(error, 'not_found')) return 'absent'
      throw error
    } finally {
      await docker.containers.remove(Id, { force: true, volumes: true })
    }
  }

  await removeLeftoverFillers(docker)
  const expected = await digest([])
  if (expected === 'absent') throw new Error(`${agent.reference} has no ${program}`)
  const mount = { Type: 'volume', Source: name, Target: directory } as const
  let found: string | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await sleep(RETRY_MS, undefined, options)
    await docker.volumes.create({ Name: name, Labels: labels }, options)
    found = await digest([mount])
    if (found === expected) return name
    try {
      await docker.volumes.remove(name, {}, options)
    } catch (error) {
      // In use: another Berth is filling it at this moment, or runs sandboxes on it.
      if (!isDockerError(error, 'conflict')) throw error
    }
  }
  throw new Error(`the volume ${name} does not hold the agent of ${agent.reference}: ${found} instead of ${expected}. Remove it when nothing uses it`)
}

/** Removes the volumes of other agents; one that a container still uses stays. */
export async function removeOldAgentVolumes (docker: DockerClient, agent: ImageSpec): Promise<string[]> {
  const removed: string[] = []
  for (const { Name } of await docker.volumes.list({ label: [imageLabels.agent] })) {
    if (Name.startsWith(agentVolumeName(agent))) continue
    try {
      await docker.volumes.remove(Name)
      removed.push(Name)
    } catch (error) {
      if (!isDockerError(error, 'conflict')) throw error
    }
  }
  return removed
}

/** What a crash has left while it filled the volume; the younger ones may be another process's, at work. */
export async function removeLeftoverFillers (docker: DockerClient): Promise<void> {
  const created = await docker.containers.list({ all: true, filters: { label: [imageLabels.agentFiller] } })
  for (const { Id, Created } of created) {
    if (Date.now() - Created * 1000 > LEFTOVER_AFTER_MS) await docker.containers.remove(Id, { force: true, volumes: true })
  }
}
