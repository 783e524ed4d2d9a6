import type { Host } from '../host.ts'

export interface EngineSnapshot extends Pick<Host, 'isRoot' | 'isDebian' | 'hasSystemd'> {
  readonly answers: boolean
  /** Why it does not answer. */
  readonly problem: string
  /** DOCKER_HOST names it: where it runs and who looks after it is not ours to know. */
  readonly isElsewhere: boolean
  /** It is there, and its socket is not for this user. */
  readonly isForbidden: boolean
  readonly hasDockerd: boolean
  /** A process of that name lives, though it does not answer yet. */
  readonly isDockerdAlive: boolean
}

export type EngineStep =
  | { do: 'use' }
  | { do: 'wait' }
  | { do: 'start', with: 'systemd' | 'dockerd' }
  | { do: 'install' }
  | { do: 'refuse', advice: string }

/** What comes next on the way to an Engine that answers. One that answers is never touched. */
export function planEngine (snapshot: EngineSnapshot): EngineStep {
  const { answers, problem, isElsewhere, isForbidden, hasDockerd, isDockerdAlive, isRoot, isDebian, hasSystemd } = snapshot
  if (answers) return { do: 'use' }
  if (isElsewhere) return refuse(`The Docker Engine of DOCKER_HOST does not answer (${problem}). Start it, or unset DOCKER_HOST.`)
  if (isForbidden) return refuse('This user may not use the Docker Engine. Run as root, or join its group and log in again: sudo usermod -aG docker "$USER"')
  if (isDockerdAlive) return { do: 'wait' }
  if (hasDockerd) {
    if (isRoot) return { do: 'start', with: hasSystemd ? 'systemd' : 'dockerd' }
    return refuse(`The Docker Engine is installed and does not run. Start it: ${hasSystemd ? 'sudo systemctl start docker' : 'sudo dockerd'}`)
  }
  if (!isDebian) return refuse('No Docker Engine answers. Install one (https://docs.docker.com/engine/install/) and start it, or set DOCKER_HOST.')
  if (!isRoot) return refuse('No Docker Engine answers. Run as root, or: sudo apt-get install docker.io && sudo usermod -aG docker "$USER", then log in again.')
  return { do: 'install' }
}

function refuse (advice: string): EngineStep {
  return { do: 'refuse', advice }
}
