import { randomUUID } from 'node:crypto'
import { isDockerError, type DockerClient } from '../docker/index.ts'

const PROBE_BYTES = 64 * 1024 ** 2

/**
 * Whether the Engine can give a volume a size: its local driver does where its data is on a file system with project
 * quotas (xfs with `pquota`, ext4 with `prjquota`), and refuses the option elsewhere. Only trying tells.
 */
export async function hasVolumeQuota (docker: DockerClient, labels: Readonly<Record<string, string>>): Promise<boolean> {
  // The Engine sets no quota on a name that had one before.
  const name = `berth-quota-probe-${randomUUID()}`
  try {
    await docker.volumes.create({ Name: name, Driver: 'local', DriverOpts: { size: String(PROBE_BYTES) }, Labels: { ...labels } })
  } catch (error) {
    if (isDockerError(error) && error.status === 400) return false
    if (isDockerError(error) && error.status === 500 && /quota/i.test(error.daemonMessage ?? '')) return false
    throw error
  }
  await docker.volumes.remove(name)
  return true
}
