import { readFile, rm } from 'node:fs/promises'
import { readIfThere } from '../host.ts'

/**
 * dockerd refuses to start while its pid file names any living process, and waits in vain for a containerd that its
 * pid file promises. After a crash or a restored machine the number often belongs to somebody else.
 */
export const pidFiles = {
  dockerd: '/var/run/docker.pid',
  containerd: '/var/run/docker/containerd/containerd.pid'
} as const

export type PidFileState = 'absent' | 'alive' | 'stale'

/** `command` is the living process's name, undefined if there is no such process. */
export function judgePidFile (content: string, program: string, command: string | undefined): PidFileState {
  if (content.trim() === '') return 'absent'
  return command === program ? 'alive' : 'stale'
}

export async function readPidFile (file: string, program: string): Promise<PidFileState> {
  const content = await readIfThere(file)
  return judgePidFile(content, program, await commandOf(content.trim()))
}

export async function removeStalePidFiles (): Promise<string[]> {
  const removed: string[] = []
  for (const [program, file] of Object.entries(pidFiles)) {
    if (await readPidFile(file, program) !== 'stale') continue
    await rm(file, { force: true })
    removed.push(file)
  }
  return removed
}

async function commandOf (pid: string): Promise<string | undefined> {
  if (!/^[1-9]\d*$/.test(pid)) return undefined
  try {
    return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim()
  } catch {
    return undefined // No such process, or it ended while we looked.
  }
}
