import type { ContainerCreateBody } from '../docker/index.ts'
import { SECCOMP_PROFILE } from './seccomp/profile.ts'

export interface Hardening {
  readonly memoryBytes: number
  readonly cpus: number
  /** Processes and threads of the program; the agent's own is added. */
  readonly pids: number
  /** OCI runtime such as `runsc`; the Engine's default when absent. */
  readonly ociRuntime?: string | undefined
}

// As Docker has it; what is in it counts towards the memory limit.
const SHM_BYTES = 64 * 1024 * 1024
const OPEN_FILES = 4096
const PENDING_SIGNALS = 1024
// Before the host's own services, but after the programs of the sandbox, which the agent gives 1000.
const OOM_SCORE = 500

/** What every sandbox has, whatever its kind. MaskedPaths and ReadonlyPaths stay out: they would replace the Engine's own. */
export function hardening (spec: Hardening, fileBytes: number): NonNullable<ContainerCreateBody['HostConfig']> {
  return {
    ...(spec.ociRuntime === undefined ? {} : { Runtime: spec.ociRuntime }),
    Privileged: false,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges', `seccomp=${SECCOMP_PROFILE}`],
    ReadonlyRootfs: true,
    IpcMode: 'private',
    CgroupnsMode: 'private',
    Memory: spec.memoryBytes,
    // Equal to Memory: no swap.
    MemorySwap: spec.memoryBytes,
    OomKillDisable: false,
    OomScoreAdj: OOM_SCORE,
    NanoCpus: nanoCpus(spec.cpus),
    PidsLimit: spec.pids + 1,
    ShmSize: SHM_BYTES,
    // No nproc: PidsLimit counts the same and is the container's own.
    Ulimits: [
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
