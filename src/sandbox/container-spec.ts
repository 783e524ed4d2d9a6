import type { ContainerCreateBody } from '../docker/index.ts'
import { labels } from './labels.ts'

export interface RunSandboxSpec {
  readonly image: string
  readonly language: string
  readonly instanceId: string
  readonly bootId: string
  /** Volume that holds the agent's binary, mounted read-only. */
  readonly agentVolume: string
  readonly memoryBytes: number
  readonly cpus: number
  /** Processes and threads of the program; the agent's own is added. */
  readonly pids: number
  /** Size of /workspace and of /tmp, each. They count towards the memory limit. */
  readonly diskBytes: number
  /** OCI runtime such as `runsc`; the Engine's default when absent. */
  readonly ociRuntime?: string | undefined
}

export const SANDBOX_USER = '1000:1000'
export const WORKSPACE = '/workspace'
export const AGENT_MOUNT = '/berth'

/** Every place of a run sandbox that a program can write to: a reset empties them all. */
export const SCRATCH_DIRECTORIES = [WORKSPACE, '/tmp', '/dev/shm', '/dev/mqueue'] as const

const SHM_BYTES = 16 * 1024 * 1024
const OPEN_FILES = 4096
const PENDING_SIGNALS = 1024
const SCRATCH_INODES = 65_536

// tmpfs is noexec unless told otherwise, and compiled programs run from here.
function scratchOptions (bytes: number, mode: string): string {
  return `rw,exec,nosuid,nodev,size=${bytes},nr_inodes=${SCRATCH_INODES},uid=1000,gid=1000,mode=${mode}`
}

/**
 * The create body of a run sandbox: no network, nothing writable but sized tmpfs, the agent as PID 1 on its stdio.
 * This file is the only place that builds a create body; a table test pins every field.
 */
export function runSandboxBody (spec: RunSandboxSpec): ContainerCreateBody {
  return {
    Image: spec.image,
    Entrypoint: [`${AGENT_MOUNT}/agent`],
    Cmd: ['serve', '--root', WORKSPACE, ...SCRATCH_DIRECTORIES.flatMap((directory) => ['--scratch', directory])],
    Env: [],
    User: SANDBOX_USER,
    WorkingDir: WORKSPACE,
    Hostname: 'sandbox',
    Labels: {
      [labels.instance]: spec.instanceId,
      [labels.boot]: spec.bootId,
      [labels.kind]: 'run',
      [labels.runtime]: spec.language
    },
    // With StdinOnce the agent's input ends when the server's connection does, so it ends itself after a crash of ours.
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    NetworkDisabled: true,
    // An image's own health check would run guest code outside of any run.
    Healthcheck: { Test: ['NONE'] },
    // The agent heeds no other signal: a guest could forge one.
    StopSignal: 'SIGKILL',
    HostConfig: {
      ...hardening(spec),
      NetworkMode: 'none',
      Tmpfs: {
        [WORKSPACE]: scratchOptions(spec.diskBytes, '0755'),
        '/tmp': scratchOptions(spec.diskBytes, '1777')
      },
      // What a run prints goes to its owner only, never to the Engine's log files.
      LogConfig: { Type: 'none', Config: {} }
    }
  }
}

/** What every sandbox has, whatever its kind. MaskedPaths and ReadonlyPaths stay out: even `[]` would unmask. */
function hardening (spec: RunSandboxSpec): NonNullable<ContainerCreateBody['HostConfig']> {
  return {
    ...(spec.ociRuntime === undefined ? {} : { Runtime: spec.ociRuntime }),
    Mounts: [{
      Type: 'volume',
      Source: spec.agentVolume,
      Target: AGENT_MOUNT,
      ReadOnly: true,
      VolumeOptions: { NoCopy: true }
    }],
    Privileged: false,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    IpcMode: 'private',
    CgroupnsMode: 'private',
    Memory: spec.memoryBytes,
    // Equal to Memory: no swap.
    MemorySwap: spec.memoryBytes,
    OomKillDisable: false,
    NanoCpus: Math.round(spec.cpus * 1e9),
    PidsLimit: spec.pids + 1,
    ShmSize: SHM_BYTES,
    // No nproc: it counts per uid over all containers, which share ours.
    Ulimits: [
      { Name: 'core', Soft: 0, Hard: 0 },
      { Name: 'fsize', Soft: spec.diskBytes, Hard: spec.diskBytes },
      { Name: 'nofile', Soft: OPEN_FILES, Hard: OPEN_FILES },
      { Name: 'sigpending', Soft: PENDING_SIGNALS, Hard: PENDING_SIGNALS }
    ],
    RestartPolicy: { Name: 'no' },
    AutoRemove: false,
    Init: false
  }
}
