import type { ContainerCreateBody, Mount } from '../docker/index.ts'
import { labels } from './labels.ts'

interface ContainerSpec {
  readonly image: string
  readonly instanceId: string
  readonly memoryBytes: number
  readonly cpus: number
  /** Processes and threads of the program; the agent's own is added. */
  readonly pids: number
  /** OCI runtime such as `runsc`; the Engine's default when absent. */
  readonly ociRuntime?: string | undefined
}

interface SandboxSpec extends ContainerSpec {
  readonly language: string
  /** Volume that holds the agent's binary, mounted read-only. */
  readonly agentVolume: string
}

export interface RunSandboxSpec extends SandboxSpec {
  readonly bootId: string
  /** Size of /workspace and of /tmp, each. They count towards the memory limit. */
  readonly diskBytes: number
}

export interface ProjectSandboxSpec extends SandboxSpec {
  readonly projectId: string
  readonly owner: string
  /** The instance's network; undefined is none but loopback. */
  readonly network: string | undefined
  readonly previewPort: number
  /** On a random port of the host's loopback, and over that alone. */
  readonly isPreviewPortPublished: boolean
  /** Added to the image's own environment. */
  readonly env: Readonly<Record<string, string>>
  /** Size of /tmp. It counts towards the memory limit. */
  readonly tmpBytes: number
  /** Largest file. The volume itself has no size: the Engine can give it one on xfs with project quotas only. */
  readonly fileBytes: number
}

/** What works on the files of a project that does not run. */
export interface FilesSandboxSpec extends ContainerSpec {
  readonly bootId: string
  readonly projectId: string
  readonly owner: string
  /** Largest file. */
  readonly fileBytes: number
}

export const SANDBOX_USER = '1000:1000'
export const WORKSPACE = '/workspace'
export const AGENT_MOUNT = '/berth'

/** Every place of a run sandbox that a program can write to: a reset empties them all. */
export const SCRATCH_DIRECTORIES = [WORKSPACE, '/tmp', '/dev/shm', '/dev/mqueue'] as const

/** Of a project's container and of its volume: the Engine itself sees to it that there is one of each. */
export function projectResourceName (projectId: string): string {
  return `berth-project-${projectId}`
}

const SHM_BYTES = 16 * 1024 * 1024
const OPEN_FILES = 4096
const PENDING_SIGNALS = 1024
const SCRATCH_INODES = 65_536

// The agent's init gives processes 8 s between SIGTERM and SIGKILL.
const PROJECT_STOP_SECONDS = 10

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
      ...hardening(spec, spec.diskBytes),
      Mounts: [agentMount(spec)],
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

/**
 * The create body of a project sandbox: a named volume at /workspace that outlives it, and the agent as init, which
 * depends on no connection of ours, so that it runs on while a server restarts.
 */
export function projectSandboxBody (spec: ProjectSandboxSpec): ContainerCreateBody {
  const port = `${spec.previewPort}/tcp`
  const isPublished = spec.network !== undefined && spec.isPreviewPortPublished
  return {
    Image: spec.image,
    Entrypoint: [`${AGENT_MOUNT}/agent`],
    Cmd: ['init'],
    // HOME is the workspace: the one place that is there from the first moment, belongs to the user and survives a stop.
    Env: Object.entries({ ...spec.env, HOME: WORKSPACE, PORT: String(spec.previewPort) }).map(([name, value]) => `${name}=${value}`),
    User: SANDBOX_USER,
    WorkingDir: WORKSPACE,
    Hostname: 'sandbox',
    Labels: { ...projectLabels(spec), [labels.runtime]: spec.language },
    OpenStdin: false,
    Tty: false,
    NetworkDisabled: spec.network === undefined,
    Healthcheck: { Test: ['NONE'] },
    StopSignal: 'SIGTERM',
    StopTimeout: PROJECT_STOP_SECONDS,
    ...(!isPublished ? {} : { ExposedPorts: { [port]: {} } }),
    HostConfig: {
      ...hardening(spec, spec.fileBytes),
      Mounts: [agentMount(spec), workspaceMount(spec)],
      NetworkMode: spec.network ?? 'none',
      ...(!isPublished ? {} : { PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: '' }] } }),
      Tmpfs: { '/tmp': scratchOptions(spec.tmpBytes, '1777') },
      LogConfig: { Type: 'local', Config: { 'max-size': '1m', 'max-file': '2' } }
    }
  }
}

/**
 * The create body of a files sandbox: a project's volume and nothing else. The image is the agent's own, in which there
 * is no other program, and the agent ends with the server's connection as in a run sandbox.
 */
export function filesSandboxBody (spec: FilesSandboxSpec): ContainerCreateBody {
  return {
    Image: spec.image,
    Entrypoint: [`${AGENT_MOUNT}/agent`],
    Cmd: ['serve', '--root', WORKSPACE],
    Env: [],
    User: SANDBOX_USER,
    WorkingDir: WORKSPACE,
    Hostname: 'sandbox',
    Labels: {
      [labels.instance]: spec.instanceId,
      [labels.boot]: spec.bootId,
      [labels.kind]: 'files',
      [labels.project]: spec.projectId,
      [labels.owner]: spec.owner
    },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    NetworkDisabled: true,
    Healthcheck: { Test: ['NONE'] },
    StopSignal: 'SIGKILL',
    HostConfig: {
      ...hardening(spec, spec.fileBytes),
      Mounts: [workspaceMount(spec)],
      NetworkMode: 'none',
      LogConfig: { Type: 'none', Config: {} }
    }
  }
}

type ProjectPart = Pick<ProjectSandboxSpec, 'instanceId' | 'projectId' | 'owner'>

/** The Engine makes the volume if there is none, and gives it the content and owner of the image's /workspace. */
function workspaceMount (spec: ProjectPart): Mount {
  return {
    Type: 'volume',
    Source: projectResourceName(spec.projectId),
    Target: WORKSPACE,
    VolumeOptions: { Labels: projectLabels(spec) }
  }
}

function projectLabels ({ instanceId, projectId, owner }: ProjectPart): Record<string, string> {
  return {
    [labels.instance]: instanceId,
    [labels.kind]: 'project',
    [labels.project]: projectId,
    [labels.owner]: owner
  }
}

function agentMount ({ agentVolume }: SandboxSpec): Mount {
  return { Type: 'volume', Source: agentVolume, Target: AGENT_MOUNT, ReadOnly: true, VolumeOptions: { NoCopy: true } }
}

/** What every sandbox has, whatever its kind. MaskedPaths and ReadonlyPaths stay out: even `[]` would unmask. */
function hardening (spec: ContainerSpec, fileBytes: number): NonNullable<ContainerCreateBody['HostConfig']> {
  return {
    ...(spec.ociRuntime === undefined ? {} : { Runtime: spec.ociRuntime }),
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
    NanoCpus: nanoCpus(spec.cpus),
    PidsLimit: spec.pids + 1,
    ShmSize: SHM_BYTES,
    // No nproc: it counts per uid over all containers, which share ours.
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
