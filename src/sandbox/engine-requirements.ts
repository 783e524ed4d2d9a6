import type { SystemInfo } from '../docker/index.ts'

/**
 * What this Engine lacks of the hardening that every sandbox must have; empty if it has it all.
 * An Engine does not refuse a limit that it cannot enforce, it drops it with a warning.
 */
export function missingHardening (info: SystemInfo): string[] {
  const missing: string[] = []
  if (!info.SecurityOptions.some((option) => option.includes('seccomp'))) missing.push('seccomp')
  if (!info.MemoryLimit) missing.push('memory limits (cgroup controller "memory")')
  if (!info.PidsLimit) missing.push('process limits (cgroup controller "pids")')
  if (!info.CpuCfsQuota) missing.push('CPU limits (cgroup controller "cpu")')
  return missing
}
