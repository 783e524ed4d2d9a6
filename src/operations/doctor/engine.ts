import type { SystemInfo, SystemVersion } from '../../docker/index.ts'
import { missingHardening, weakPoints } from '../../sandbox/engine-requirements.ts'
import { broken, ok, weak, type Finding } from './finding.ts'

const LEAST_API = 41
const LEAST_MB = 2_048
/** Those that share what images have in common, and make a container in milliseconds. */
const GOOD_DRIVERS = ['overlay2', 'overlayfs', 'fuse-overlayfs', 'btrfs', 'zfs']
const CLOCK_MS = 5_000

export interface EngineFacts {
  readonly version: Pick<SystemVersion, 'Version' | 'ApiVersion' | 'KernelVersion'>
  readonly info: Pick<SystemInfo, 'ServerVersion' | 'OSType' | 'Driver' | 'CgroupVersion' | 'MemoryLimit' | 'SwapLimit' | 'PidsLimit' | 'CpuCfsQuota' | 'SecurityOptions' | 'SystemTime' | 'MemTotal' | 'Runtimes' | 'NCPU'>
  /** What SANDBOX_RUNTIME names. */
  readonly runtime: string | undefined
  readonly now: number
}

/** What the Engine says of itself and of the machine that it is on. */
export function judgeEngine ({ version, info, runtime, now }: EngineFacts): Finding[] {
  const api = Number(version.ApiVersion.split('.')[1])
  const described = `Docker Engine ${version.Version}, API ${version.ApiVersion}, kernel ${version.KernelVersion}`
  const missing = missingHardening(info)
  const weaknesses = weakPoints(info)
  const security = info.SecurityOptions.map((option) => option.replace(/^name=/, '').split(',')[0]).join(', ')
  const drift = Math.abs(Date.parse(info.SystemTime) - now)
  return [
    info.OSType !== 'linux'
      ? broken('engine', `${described}, of ${info.OSType} containers`, 'switch it to Linux containers')
      : api < LEAST_API ? broken('engine', described, `Berth needs API 1.${LEAST_API}, which Docker Engine 20.10 has: upgrade it`) : ok('engine', described),
    missing.length > 0
      ? broken('hardening', `the Engine lacks ${missing.join(', ')}`, 'without it no sandbox is started: enable the controllers in the kernel\'s command line, and seccomp in the kernel')
      : ok('hardening', `${security}; limits of memory, processes and CPU; cgroup v${info.CgroupVersion}`),
    ...weaknesses.map((point) => weak('hardening', point, 'a newer Engine or kernel does better')),
    ...(info.SecurityOptions.some((option) => option.includes('apparmor') || option.includes('selinux')) ? [] : [weak('hardening', 'neither AppArmor nor SELinux', 'enable one of them on the Engine\'s machine: it is a second wall around each sandbox')]),
    GOOD_DRIVERS.includes(info.Driver) ? ok('storage', info.Driver) : weak('storage', info.Driver, 'each container copies its whole image: use overlay2'),
    info.MemTotal < LEAST_MB * 1024 ** 2
      ? weak('memory', `${Math.round(info.MemTotal / 1024 ** 2)} MB, ${info.NCPU} CPUs`, `with less than ${LEAST_MB} MB few projects run at once, and images of some languages cannot be built`)
      : ok('memory', `${(info.MemTotal / 1024 ** 3).toFixed(1)} GB, ${info.NCPU} CPUs`),
    drift > CLOCK_MS ? weak('clock', `the Engine's is ${Math.round(drift / 1000)} s away from this machine's`, 'keep both with NTP: leases and tokens count on them') : ok('clock', 'the Engine\'s agrees'),
    ...(runtime === undefined ? [] : [judgeRuntime(runtime, Object.keys(info.Runtimes))])
  ]
}

function judgeRuntime (wanted: string, known: readonly string[]): Finding {
  return known.includes(wanted)
    ? ok('runtime', wanted)
    : broken('runtime', `SANDBOX_RUNTIME is ${wanted}, and the Engine has ${known.join(', ')}`, 'add it to "runtimes" in /etc/docker/daemon.json, or unset the variable')
}
