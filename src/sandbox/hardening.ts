import type { ContainerCreateBody } from '../docker/index.ts'
import { SECCOMP_PROFILE } from './seccomp/profile.ts'

export interface Hardening {
  readonly memoryBytes: number
  readonly cpus: number
  /** Processes and threads of the program; the agent's own is added. */
  readonly pids: number
  /** OCI runtime such as `runsc`; the Engine's default when absent. */
  readonly ociRuntime?: string | undefined
  /** The runtime brings a kernel of its own (gVisor), whose memory and threads count on the host, too. */
  readonly hasOwnKernel?: boolean
}

// As Docker has it; what is in it counts towards the memory limit.
const SHM_BYTES = 64 * 1024 * 1024
const OPEN_FILES = 4096
const PENDING_SIGNALS = 1024
// Before the host's own services, but after the programs of the sandbox, which the agent gives 1000.
const OOM_SCORE = 500
// What gVisor takes for itself, and the threads of the host that stand for one of a guest's.
const OWN_KERNEL_BYTES = 64 * 1024 * 1024
const OWN_KERNEL_THREADS = 128
const THREADS_PER_TASK = 3

/** What every sandbox has, whatever its kind. MaskedPaths and ReadonlyPaths stay out: they would replace the Engine's own. */
export function hardening (spec: Hardening, fileBytes: number): NonNullable<ContainerCreateBody['HostConfig']> {
  const hasOwnKernel = spec.hasOwnKernel === true
  const memoryBytes = spec.memoryBytes + (hasOwnKernel ? OWN_KERNEL_BYTES : 0)
  const tasks = spec.pids + 1
  return {
    ...(spec.ociRuntime === undefined ? {} : { Runtime: spec.ociRuntime }),
    Privileged: false,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges', `seccomp=${SECCOMP_PROFILE}`],
    ReadonlyRootfs: true,
    IpcMode: 'private',
    CgroupnsMode: 'private',
    Memory: memoryBytes,
    // Equal to Memory: no swap.
    MemorySwap: memoryBytes,
    OomKillDisable: false,
    OomScoreAdj: OOM_SCORE,
    NanoCpus: nanoCpus(spec.cpus),
    PidsLimit: hasOwnKernel ? OWN_KERNEL_THREADS + THREADS_PER_TASK * tasks : tasks,
    ShmSize: SHM_BYTES,
    Ulimits: [
      // PidsLimit counts the same and is the container's own, but it counts threads of the host.
      ...(hasOwnKernel ? [{ Name: 'nproc', Soft: tasks, Hard: tasks }] : []),
      { Name: 'core', Soft: 0, Hard: 0 },
      { Name: 'fsize', Soft: fileBytes, Hard: fileBytes },
      { Name: 'nofile', Soft: OPEN_FILES, Hard: OPEN_FILES },
      { Name: 'sigpending', Soft: PENDING_SIGNALS, Hard: PENDING_SIGNALS }
    ],
    RestartPolicy: { Name: 'no' },
    AutoRemove: false,
    Init: false
  }
}

export function nanoCpus (cpus: number): number {
  return Math.round(cpus * 1e9)
}
