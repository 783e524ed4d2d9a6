import type { SystemInfo } from '../docker/index.ts'

/**
 * What this Engine lacks of the hardening that every sandbox must have; empty if it has it all.
 * An Engine does not refuse a limit that it cannot enforce, it drops it with a warning.
 */
export function missingHardening (info: Pick<SystemInfo, 'SecurityOptions' | 'MemoryLimit' | 'PidsLimit' | 'CpuCfsQuota'>): string[] {
  const missing: string[] = []
  if (!info.SecurityOptions.some((option) => option.includes('seccomp'))) missing.push('seccomp')
  if (!info.MemoryLimit) missing.push('memory limits (cgroup controller "memory")')
  if (!info.PidsLimit) missing.push('process limits (cgroup controller "pids")')
  if (!info.CpuCfsQuota) missing.push('CPU limits (cgroup controller "cpu")')
  return missing
}

type Weakness = Pick<SystemInfo, 'ServerVersion' | 'SecurityOptions' | 'CgroupVersion' | 'SwapLimit'>

/** What is weaker with this Engine, or this machine, than with a newer one, each as a line for the operator. */
export function weakPoints ({ ServerVersion, SecurityOptions, CgroupVersion, SwapLimit }: Weakness): string[] {
  const major = Number.parseInt(ServerVersion, 10)
  const points: string[] = []
  if (major < 25) points.push(`Docker Engine ${ServerVersion}: sandboxes can read the host's power meters (/sys/devices/virtual/powercap), which Engine 25 hides`)
  if (major < 28) points.push(`Docker Engine ${ServerVersion}: a published preview port is kept from other machines by rules of Berth's alone, Engine 28 filters it itself`)
  if (CgroupVersion === '1') points.push('cgroup v1: what a container writes to the disk is not counted, so that who fills it is found by files and page cache alone')
  if (!SwapLimit) points.push('the kernel does not limit swap by container: where this machine has swap, programs take more memory than their limit')
  if (SecurityOptions.some((option) => /name=(userns|rootless)/.test(option))) {
    points.push('Docker Engine with remapped or rootless users: sandboxes start only if its range of user ids reaches to 2,147,352,576, as each has one of its own')
  }
  return points
}
